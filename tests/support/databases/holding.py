"""Holding what every writer must lock first, so that a test decides who comes when."""

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
    """Every bulk on the portal waits until the body has ended; what `but` writes is there when they go on."""
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
    """Return once a transaction waits for a lock. On SQLite they queue before they begin, which cannot be seen."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while is_postgres() and not await fetch(Sql(waiting)):
        pass
