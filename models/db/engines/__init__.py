"""What PostgreSQL and SQLite each need from their drivers."""
