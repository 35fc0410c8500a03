"""One request holds a few of the database's connections, however much it asks at once."""

from __future__ import annotations

import asyncio

from models.db.database import pool
from models.db.engines.connection_limit import limit_connections
from models.db.sql import fetch, sql
from services.transactions import Transactions
from tests.support.databases import Database, on_postgres


async def most_in_use(runtime: asyncio.Future[object]) -> int:
    """The most connections that were in use until the work was done."""
    most = 0
    while not runtime.done():
        connections = pool()
        assert connections is not None
        most = max(most, connections.most - connections.free)
        await asyncio.sleep(0.001)
    await runtime
    return most


@on_postgres
async def test_reads_that_are_sent_together_hold_as_many_connections_as_allowed(db: Database) -> None:
    def reads() -> asyncio.Future[object]:
        return asyncio.ensure_future(asyncio.gather(*(fetch(sql("SELECT pg_sleep(0.01)")) for _ in range(20))))

    with limit_connections(3):
        bounded = await most_in_use(reads())
    unbounded = await most_in_use(reads())

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
