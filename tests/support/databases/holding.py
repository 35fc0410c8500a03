"""Context managers that hold locks, so that a test decides the order of concurrent transactions.

They are the locks that every writer takes first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from models.db.sql import Sql, fetch, is_postgres
from models.portals import lookup as portals
from models.tables import Portal
from tests.support.world import World


async def _nothing() -> None:
    pass


@asynccontextmanager
async def writers_held(
    world: World, portal: Portal, but: Callable[[], Awaitable[object]] = _nothing
) -> AsyncIterator[None]:
    """Make every bulk operation on the portal wait until the body has ended.

    The rows that `but` writes are stored before the waiting operations continue.
    """
    held, enough = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        await portals.lock([portal.id])
        await but()
        held.set()
        await enough.wait()

    holding = asyncio.create_task(world.parts.runtime.transactions.run(hold))
    await held.wait()
    try:
        yield
    finally:
        enough.set()
        await holding


async def a_transaction_waits() -> None:
    """Return as soon as a transaction waits for a lock in PostgreSQL. On SQLite, return at once.

    On SQLite, a transaction waits before it begins, which a test cannot observe.
    """
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while is_postgres() and not await fetch(Sql(waiting)):
        pass
