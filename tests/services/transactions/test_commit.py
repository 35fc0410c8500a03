"""A transaction is committed completely or not at all."""

from __future__ import annotations

import pytest

from rules.refusals import Code, Refusal
from services.transactions import Transactions
from tests.services.transactions.counters import count_both, stored_counters


async def test_what_the_body_wrote_is_committed_and_what_it_returned_comes_back(transactions: Transactions) -> None:
    async def body() -> str:
        await count_both()
        return "done"

    assert await transactions.run(body) == "done"
    assert await stored_counters() == [1, 1]


async def test_a_refusal_rolls_back_and_passes_through(transactions: Transactions) -> None:
    refusal = Refusal(Code.NO_SEAT_AVAILABLE, path=("input", "selection"))

    async def body() -> None:
        await count_both()
        raise refusal

    with pytest.raises(Refusal) as raised:
        await transactions.run(body)

    assert raised.value is refusal
    assert await stored_counters() == [0, 0]


async def test_a_mistake_rolls_back_and_is_not_tried_again(transactions: Transactions) -> None:
    calls = 0

    async def body() -> None:
        nonlocal calls
        calls += 1
        await count_both()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await transactions.run(body)

    assert calls == 1
    assert await stored_counters() == [0, 0]


async def test_a_transaction_inside_another_is_a_mistake(transactions: Transactions) -> None:
    async def inner() -> None:
        await count_both()

    async def outer() -> None:
        await count_both()
        await transactions.run(inner)

    with pytest.raises(RuntimeError, match="Already inside a transaction"):
        await transactions.run(outer)

    assert await stored_counters() == [0, 0]
    await transactions.run(inner)  # the caller's own context is not inside one
