"""The database: SQL as values, rows, keyset pages, opening and migrating."""
