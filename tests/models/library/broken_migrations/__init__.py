"""Migrations of the library, the example database for the tests of migrations. The last migration fails."""
