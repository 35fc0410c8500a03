"""Transactions whose caller is cancelled, transactions in the background, and the shutdown of the server."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from rules.refusals import Code, Refusal
from services.transactions import Transactions
from tests.services.transactions.counters import add_one, count_both, stored_counters
from tests.support.databases import Database
from tests.support.databases.cancellation import assert_nothing_open, cancel_at_random_moments

PATIENCE = timedelta(seconds=10)


async def test_a_cancelled_callers_transaction_still_commits(transactions: Transactions) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def body() -> None:
        await add_one(1)
        begun.set()
        await go_on.wait()
        await add_one(2)

    caller = asyncio.create_task(transactions.run(body))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    await transactions.drain(PATIENCE)

    assert await stored_counters() == [1, 1]


async def test_an_abandoned_transaction_that_fails_is_logged(transactions: Transactions) -> None:
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


async def test_a_transaction_for_later_is_awaited_only_by_callers_that_ask(transactions: Transactions) -> None:
    go_on = asyncio.Event()

    async def body() -> None:
        await go_on.wait()
        await count_both()

    transactions.run_later(body)
    before = go_on.is_set()
    go_on.set()
    await transactions.wait_until_idle()

    assert (before, await stored_counters()) == (False, [1, 1])


async def test_a_transaction_for_later_that_fails_is_logged(transactions: Transactions) -> None:
    async def body() -> None:
        raise ZeroDivisionError

    with capture_logs() as logs:
        transactions.run_later(body)
        await transactions.drain(PATIENCE)

    assert [type(entry["exc_info"]) for entry in logs] == [ZeroDivisionError]


async def test_callers_cancelled_at_random_leave_nothing_open_and_nothing_half_done(
    db: Database, transactions: Transactions
) -> None:
    begun = 0

    async def call() -> None:
        nonlocal begun
        begun += 1
        await transactions.run(count_both)

    returned = await cancel_at_random_moments(call, times=300, within=0.002)
    await transactions.drain(PATIENCE)

    assert returned < begun <= 300
    assert await stored_counters() == [begun, begun]
    await assert_nothing_open(db)
    await Transactions(jitter=lambda: 0.5, secret=bytes).run(count_both)


async def test_at_shutdown_new_transactions_are_refused(transactions: Transactions) -> None:
    await transactions.drain(PATIENCE)

    with pytest.raises(Refusal) as refused:
        await transactions.run(count_both)

    assert refused.value.code is Code.UNAVAILABLE


async def test_at_shutdown_a_transaction_that_takes_too_long_is_rolled_back(
    db: Database, transactions: Transactions
) -> None:
    begun = asyncio.Event()

    async def body() -> None:
        await count_both()
        begun.set()
        await asyncio.Event().wait()

    caller = asyncio.create_task(transactions.run(body))
    await begun.wait()
    await transactions.drain(timedelta(milliseconds=1))

    with pytest.raises(Refusal) as refused:
        await caller
    assert refused.value.code is Code.UNAVAILABLE
    assert await stored_counters() == [0, 0]
    await assert_nothing_open(db)
