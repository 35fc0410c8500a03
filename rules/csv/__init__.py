"""CSV files of users: recognized columns, rows with their places, and cells that are safe in spreadsheets."""
