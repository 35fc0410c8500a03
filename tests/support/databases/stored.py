"""Read the whole database, to assert that a test has changed nothing or has left no text behind."""

from __future__ import annotations

from collections.abc import Collection
from unicodedata import normalize

from models.db.rows import cells_of
from models.db.sql import Sql, fetch, is_postgres

OF_A_DRY_RUN = ("bulk_operation", "bulk_outcome", "operation_portal")
"""The tables to which a dry run writes."""


async def everything(besides: Collection[str] = ()) -> dict[str, list[str]]:
    """Return every row of every table as text, by table. The tables in `besides` are left out."""
    return {
        table: sorted(repr(cells_of(row)) for row in await fetch(Sql(f'SELECT * FROM "{table}"')))
        for table in await _tables()
        if table not in besides
    }


async def places_of(*words: str) -> list[tuple[str, str]]:
    """Return the tables and columns that contain one of the words. Case and accents are ignored.

    A word in the tables of the search index is reported as in the table of users, because the index repeats users'
    texts.
    """
    found = set()
    for table in await _tables():
        owner = "portal_user" if table.startswith("user_search") else table
        for row in await fetch(Sql(f'SELECT * FROM "{table}"')):
            texts = {column: _folded(str(value)) for column, value in dict(row).items()}
            found |= {(owner, c) for c, text in texts.items() if any(_folded(word) in text for word in words)}
    return sorted(found)


def _folded(text: str) -> str:
    return normalize("NFKD", text).casefold()


async def _tables() -> list[str]:
    query = (
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        if is_postgres()
        else "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return [str(cells_of(row)[0]) for row in await fetch(Sql(query))]
