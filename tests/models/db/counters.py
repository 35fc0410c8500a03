"""Statements and transactions on a table that only these tests use."""

from __future__ import annotations

from typing import Any

from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from models.db.database import CONNECTION


async def begin_and_end() -> None:
    async with in_transaction() as transaction:
        await transaction.execute_query("UPDATE counter SET value = value + 1 WHERE id = 1")
        await transaction.execute_query("UPDATE counter SET value = value + 1 WHERE id = 2")


async def fetch_value(query: str) -> Any:
    rows = await get_connection(CONNECTION).execute_query_dict(query)
    return next(iter(rows[0].values())) if rows else None
