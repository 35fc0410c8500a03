"""Column types that Tortoise does not provide."""

from __future__ import annotations

from tortoise.fields.base import Field


class KeyField(Field[str]):
    """A text column that both databases compare byte by byte, for sort keys, login keys and enum values."""

    field_type = str
    SQL_TYPE = "TEXT"

    class _db_postgres:
        SQL_TYPE = 'TEXT COLLATE "C"'
