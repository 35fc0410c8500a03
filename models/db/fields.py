"""Columns that Tortoise has no field for."""

from __future__ import annotations

from tortoise.fields.base import Field


class KeyField(Field[str]):
    """Text that is compared byte by byte on both databases: sort keys, login keys, words of a closed vocabulary."""

    field_type = str
    SQL_TYPE = "TEXT"

    class _db_postgres:
        SQL_TYPE = 'TEXT COLLATE "C"'
