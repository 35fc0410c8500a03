"""CSV files of users: the columns of an export, the options of an import, and the answer for each row."""
