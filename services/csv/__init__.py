"""CSV files: the export of users, and the import of new users in chunks through the bulk engine."""
