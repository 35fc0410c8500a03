"""Database tables, constraints, queries and migrations."""
