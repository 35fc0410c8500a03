"""Migrations of the library, the last of which fails."""
