"""Cancel a caller at random moments, and check that no transaction, lock or connection stays open."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from tortoise.connection import get_connection

from models.db.database import CONNECTION
from tests.support.databases import Database


async def cancel_at_random_moments(runtime: Callable[[], Awaitable[None]], *, times: int, within: float) -> int:
    """Run the given function `times` times, each time with a cancellation up to `within` seconds after the start.

    Return how many runs ended before their cancellation. Other errors of the function are raised.
    """
    chance = random.Random(times)  # noqa: S311  # to be the same in every run, not to keep a secret
    done = 0
    for _ in range(times):
        task = asyncio.ensure_future(runtime())
        asyncio.get_running_loop().call_later(chance.random() * within, task.cancel)
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()
            done += 1
    return done


async def assert_nothing_open(db: Database) -> None:
    """Assert that no transaction is open, no lock is held, and every connection of the pool is free."""
    connection: Any = get_connection(CONNECTION)
    if db.kind == "sqlite":
        neighbour = sqlite3.connect(db.url.removeprefix("sqlite://"), timeout=0, isolation_level=None)
        neighbour.execute("BEGIN IMMEDIATE")
        neighbour.close()
    else:
        open_ones = await connection.execute_query_dict(
            "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
        )
        assert open_ones == []
        most, free = connection.connections()
        assert free == most
