"""Transactions end whole, once, whatever becomes of who began them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from tortoise.connection import get_connection

from models.db.database import CONNECTION
from rules.refusals import Code, Refusal
from services.transactions import Transactions
from tests.support.cancellation import assert_nothing_open, cancel_at_random_moments
from tests.support.databases import Database, on_postgres, on_sqlite

PATIENCE = timedelta(seconds=10)


@pytest.fixture
def transactions() -> Transactions:
    return Transactions(jitter=lambda: 0.5)


@pytest_asyncio.fixture(autouse=True)
async def counters(db: Database) -> None:
    await _execute("CREATE TABLE counter (id INT PRIMARY KEY, value INT NOT NULL)")
    await _execute("INSERT INTO counter VALUES (1, 0), (2, 0)")


async def test_what_the_body_wrote_is_committed_and_what_it_returned_comes_back(transactions: Transactions) -> None:
    async def body() -> str:
        await _count_both()
        return "done"

    assert await transactions.run(body) == "done"
    assert await _counters() == [1, 1]


async def test_a_refusal_rolls_back_and_passes_through(transactions: Transactions) -> None:
    refusal = Refusal(Code.NO_SEAT_AVAILABLE, path=("input", "selection"))

    async def body() -> None:
        await _count_both()
        raise refusal

    with pytest.raises(Refusal) as raised:
        await transactions.run(body)

    assert raised.value is refusal
    assert await _counters() == [0, 0]


async def test_a_mistake_rolls_back_and_is_not_tried_again(transactions: Transactions) -> None:
    calls = 0

    async def body() -> None:
        nonlocal calls
        calls += 1
        await _count_both()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await transactions.run(body)

    assert calls == 1
    assert await _counters() == [0, 0]


async def test_a_transaction_inside_another_is_a_mistake(transactions: Transactions) -> None:
    async def inner() -> None:
        await _count_both()

    async def outer() -> None:
        await _count_both()
        await transactions.run(inner)

    with pytest.raises(RuntimeError, match="Already inside a transaction"):
        await transactions.run(outer)

    assert await _counters() == [0, 0]
    await transactions.run(inner)  # the caller's own context is not inside one


async def test_a_cancelled_callers_transaction_still_commits(transactions: Transactions) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def body() -> None:
        await _count(1)
        begun.set()
        await go_on.wait()
        await _count(2)

    caller = asyncio.create_task(transactions.run(body))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    await transactions.drain(PATIENCE)

    assert await _counters() == [1, 1]


async def test_an_abandoned_transaction_that_fails_is_told_to_the_log(transactions: Transactions) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def body() -> None:
        begun.set()
        await go_on.wait()
        raise ZeroDivisionError

    caller = asyncio.create_task(transactions.run(body))
    await begun.wait()
    caller.cancel()
    with capture_logs() as logs:
        go_on.set()
        await transactions.drain(PATIENCE)

    assert [(entry["event"], type(entry["exc_info"])) for entry in logs] == [
        ("transaction.abandoned_failed", ZeroDivisionError)
    ]


async def test_a_transaction_for_later_is_waited_for_by_nobody_but_whoever_asks(transactions: Transactions) -> None:
    go_on = asyncio.Event()

    async def body() -> None:
        await go_on.wait()
        await _count_both()

    transactions.later(body)
    before = go_on.is_set()
    go_on.set()
    await transactions.settled()

    assert (before, await _counters()) == (False, [1, 1])


async def test_a_transaction_for_later_that_fails_is_told_to_the_log(transactions: Transactions) -> None:
    async def body() -> None:
        raise ZeroDivisionError

    with capture_logs() as logs:
        transactions.later(body)
        await transactions.drain(PATIENCE)

    assert [type(entry["exc_info"]) for entry in logs] == [ZeroDivisionError]


async def test_callers_cancelled_at_random_moments_leave_nothing_open_and_nothing_half_done(
    db: Database, transactions: Transactions
) -> None:
    begun = 0

    async def call() -> None:
        nonlocal begun
        begun += 1
        await transactions.run(_count_both)

    returned = await cancel_at_random_moments(call, times=300, within=0.002)
    await transactions.drain(PATIENCE)

    assert returned < begun <= 300
    assert await _counters() == [begun, begun]
    await assert_nothing_open(db)
    await Transactions(jitter=lambda: 0.5).run(_count_both)


async def test_at_shutdown_new_transactions_are_refused(transactions: Transactions) -> None:
    await transactions.drain(PATIENCE)

    with pytest.raises(Refusal) as refused:
        await transactions.run(_count_both)

    assert refused.value.code is Code.UNAVAILABLE


async def test_at_shutdown_a_transaction_that_takes_too_long_is_rolled_back(
    db: Database, transactions: Transactions
) -> None:
    begun = asyncio.Event()

    async def body() -> None:
        await _count_both()
        begun.set()
        await asyncio.Event().wait()

    caller = asyncio.create_task(transactions.run(body))
    await begun.wait()
    await transactions.drain(timedelta(milliseconds=1))

    with pytest.raises(Refusal) as refused:
        await caller
    assert refused.value.code is Code.UNAVAILABLE
    assert await _counters() == [0, 0]
    await assert_nothing_open(db)


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
        await _count_both()
        await _execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'serialization_failure'; END $$")

    with pytest.raises(asyncpg.SerializationError):
        await Transactions(jitter=jitter, attempts=3).run(lose)

    assert (calls, pauses) == (3, 2)
    assert await _counters() == [0, 0]


@on_postgres
async def test_of_two_that_deadlock_one_decides_afresh_and_both_finish(transactions: Transactions) -> None:
    meeting = _Meeting(2)
    read: list[int] = []

    def crossing(first: int, second: int) -> Callable[[], Awaitable[None]]:
        async def body() -> None:
            await _count(first)
            await meeting.everybody_here()
            await _count(second)
            read.append((await _counters())[0])

        return body

    await asyncio.gather(transactions.run(crossing(1, 2)), transactions.run(crossing(2, 1)))

    assert meeting.arrivals == 3
    assert read == [1, 2]
    assert await _counters() == [2, 2]


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
    transactions = Transactions(jitter=lambda: 0.5, attempts=1)
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
    assert (await _counters())[0] == 600


class _Meeting:
    """Where those who come first wait until enough have come; who comes later goes straight on."""

    def __init__(self, expected: int) -> None:
        self.arrivals = 0
        self._expected = expected
        self._complete = asyncio.Event()

    async def everybody_here(self) -> None:
        self.arrivals += 1
        if self.arrivals == self._expected:
            self._complete.set()
        await self._complete.wait()


async def _count_both() -> None:
    await _count(1)
    await _count(2)


async def _count(counter: int) -> None:
    await _execute(f"UPDATE counter SET value = value + 1 WHERE id = {counter}")


async def _counters() -> list[int]:
    return [row["value"] for row in await _rows("SELECT value FROM counter ORDER BY id")]


async def _execute(statement: str) -> None:
    await get_connection(CONNECTION).execute_query(statement)


async def _rows(query: str) -> list[dict[str, Any]]:
    return await get_connection(CONNECTION).execute_query_dict(query)
