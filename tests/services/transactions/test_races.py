"""Transactions that lose a race, run into a deadlock, or write at the same time."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest

from services.transactions import Transactions
from tests.services.transactions.counters import add_one, count_both, execute, stored_counters
from tests.support.databases import Database, on_postgres, on_sqlite


@on_postgres
async def test_a_lost_race_is_run_again_as_often_as_asked_and_no_oftener() -> None:
    pauses = 0
    calls = 0

    def jitter() -> float:
        nonlocal pauses
        pauses += 1
        return 0.0

    async def lose() -> None:
        nonlocal calls
        calls += 1
        await count_both()
        await execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'serialization_failure'; END $$")

    with pytest.raises(asyncpg.SerializationError):
        await Transactions(jitter=jitter, secret=bytes, attempts=3).run(lose)

    assert (calls, pauses) == (3, 2)
    assert await stored_counters() == [0, 0]


@on_postgres
async def test_of_two_that_deadlock_one_decides_afresh_and_both_finish(transactions: Transactions) -> None:
    meeting = _Meeting(2)
    read: list[int] = []

    def crossing(first: int, second: int) -> Callable[[], Awaitable[None]]:
        async def body() -> None:
            await add_one(first)
            await meeting.all_here()
            await add_one(second)
            read.append((await stored_counters())[0])

        return body

    await asyncio.gather(transactions.run(crossing(1, 2)), transactions.run(crossing(2, 1)))

    assert meeting.arrivals == 3
    assert read == [1, 2]
    assert await stored_counters() == [2, 2]


@on_sqlite
async def test_processes_that_write_at_once_wait_their_turn_and_lose_no_update(db: Database) -> None:
    script = f"""
import asyncio
from models.db.database import CONNECTION, database
from services.transactions import Transactions
from tortoise.connection import get_connection
async def body():
    connection = get_connection(CONNECTION)
    row, = await connection.execute_query_dict("SELECT value FROM counter WHERE id = 1")
    await connection.execute_query("UPDATE counter SET value = ? WHERE id = 1", [row["value"] + 1])
async def main():
    transactions = Transactions(jitter=lambda: 0.5, secret=bytes, attempts=1)
    async with database({db.url!r}):
        for _ in range(300):
            await transactions.run(body)
asyncio.run(main())
"""
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", script, stderr=asyncio.subprocess.PIPE)
        for _ in range(2)
    ]

    complaints = [(await process.communicate())[1].decode() for process in processes]

    assert complaints == ["", ""]
    assert (await stored_counters())[0] == 600


class _Meeting:
    """A barrier: callers wait until `expected` of them have arrived. Later callers do not wait."""

    def __init__(self, expected: int) -> None:
        self.arrivals = 0
        self._expected = expected
        self._complete = asyncio.Event()

    async def all_here(self) -> None:
        self.arrivals += 1
        if self.arrivals == self._expected:
            self._complete.set()
        await self._complete.wait()
