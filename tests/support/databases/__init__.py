"""Databases for tests: each test has a fresh one, on SQLite and on a PostgreSQL server that the run starts itself."""

from tests.support.databases.database import KINDS, Database, DatabaseKind, on_postgres, on_sqlite

__all__ = ["KINDS", "Database", "DatabaseKind", "on_postgres", "on_sqlite"]
