"""Cancelling callers when it suits them least, and looking what they left behind."""

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
    """Runs `work` that often, each time cancelled up to `within` seconds later; gives how many were done before that.

    What `work` raises otherwise is raised.
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
    """No transaction is open, no lock held, and every connection of the pool is free."""
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
        assert connection._pool.get_idle_size() == connection._pool.get_size()
