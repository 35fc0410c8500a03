"""One request holds only a few connections to the database, even if it sends many reads at the same time."""

from __future__ import annotations

import asyncio

import asyncpg  # type: ignore[import-untyped]  # ships no types

from models.db.database import pool
from models.db.engines.connection_limit import limit_connections
from models.db.sql import fetch, sql
from services.transactions import Transactions
from tests.support.databases import Database, on_postgres

LOCK = 4711
PATIENCE = 10.0


def in_use() -> int:
    connections = pool()
    assert connections is not None
    return connections.most - connections.free


async def most_in_use(db: Database, reads: int, expected: int) -> int:
    """Send `reads` reads at the same time, and return the maximum number of connections that they hold.

    A lock holds up all reads until they hold `expected` connections.
    """
    other = await asyncpg.connect(db.url)
    try:
        await other.execute("SELECT pg_advisory_lock($1)", LOCK)
        waiting = asyncio.gather(*(fetch(sql("SELECT pg_advisory_xact_lock_shared(?)", LOCK)) for _ in range(reads)))
        async with asyncio.timeout(PATIENCE):
            while in_use() < expected:  # noqa: ASYNC110  # the pool has no event for a connection that is taken
                await asyncio.sleep(0.001)
        most = in_use()
    finally:
        await other.close()
    while not waiting.done():
        most = max(most, in_use())
        await asyncio.sleep(0)
    await waiting
    return most


@on_postgres
async def test_reads_that_are_sent_together_hold_as_many_connections_as_allowed(db: Database) -> None:
    with limit_connections(3):
        bounded = await most_in_use(db, 20, expected=3)
    unbounded = await most_in_use(db, 20, expected=4)

    assert bounded == 3
    assert unbounded > 3


@on_postgres
async def test_transactions_count_and_give_their_connection_back(db: Database) -> None:
    transactions = Transactions(jitter=lambda: 0.5, secret=bytes)

    async def body() -> None:
        await fetch(sql("SELECT 1"))

    async def failing() -> None:
        raise RuntimeError

    with limit_connections(1):
        for _ in range(3):
            await transactions.run(body)
            await asyncio.gather(transactions.run(failing), return_exceptions=True)
            await fetch(sql("SELECT 1"))


@on_postgres
async def test_a_read_that_is_cancelled_while_it_waits_leaves_the_allowance_whole(db: Database) -> None:
    with limit_connections(1):
        first = asyncio.ensure_future(fetch(sql("SELECT pg_sleep(0.01)")))
        second = asyncio.ensure_future(fetch(sql("SELECT 1")))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.gather(first, second, return_exceptions=True)

        async with asyncio.timeout(5):
            await fetch(sql("SELECT 1"))
