"""A new connection does not ask about PostgreSQL's own types again. It asks about the types of its database."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]  # ships no types

from tests.support.databases import Database, on_postgres

pytestmark = on_postgres

ONE = UUID("00000000-0000-7000-8000-000000000001")


async def _answers(url: str, *queries: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return [await connection.fetchval(query) for query in queries]
    finally:
        await connection.close()


async def test_every_connection_reads_arrays_of_postgresqls_own_types(closed_db: Database) -> None:
    query = f"SELECT ARRAY['{ONE}'::uuid]"

    answers = [await _answers(closed_db.url, query, "SELECT ARRAY[1, 2]", query) for _ in range(3)]

    assert answers == [[[ONE], [1, 2], [ONE]]] * 3


async def test_a_type_that_was_created_again_is_read_as_it_is_now(closed_db: Database) -> None:
    first = await _answers(
        closed_db.url, "CREATE TYPE pair AS (number int, letter text)", "SELECT ARRAY[ROW(1, 'a')::pair]"
    )

    second = await _answers(
        closed_db.url,
        "DROP TYPE pair",
        "CREATE TYPE pair AS (word text, count bigint, more bigint)",
        "SELECT ARRAY[ROW('a', 1, 2)::pair]",
    )

    assert [dict(pair) for pair in first[-1]] == [{"number": 1, "letter": "a"}]
    assert [dict(pair) for pair in second[-1]] == [{"word": "a", "count": 1, "more": 2}]
