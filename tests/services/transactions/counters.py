"""Two counters that one transaction changes together."""

from __future__ import annotations

from typing import Any

from tortoise.connection import get_connection

from models.db.database import CONNECTION


async def count_both() -> None:
    await add_one(1)
    await add_one(2)


async def add_one(counter: int) -> None:
    await execute(f"UPDATE counter SET value = value + 1 WHERE id = {counter}")


async def stored_counters() -> list[int]:
    return [row["value"] for row in await fetch_rows("SELECT value FROM counter ORDER BY id")]


async def execute(statement: str) -> None:
    await get_connection(CONNECTION).execute_query(statement)


async def fetch_rows(query: str) -> list[dict[str, Any]]:
    return await get_connection(CONNECTION).execute_query_dict(query)
