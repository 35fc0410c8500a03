"""The heavy operations of one caller do not delay other callers."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from api.graphql.pacing.turns import Turns
from rules.refusals import Refusal


async def test_a_caller_has_two_turns_at_a_time_and_the_next_waits() -> None:
    turns, begun, go_on = Turns(at_once=2), list[int](), asyncio.Event()

    async def runtime(number: int) -> None:
        async with turns.turn("ann"):
            begun.append(number)
            await go_on.wait()

    tasks = [asyncio.create_task(runtime(number)) for number in range(4)]
    await asyncio.sleep(0)
    at_first = list(begun)
    go_on.set()
    await asyncio.gather(*tasks)

    assert at_first == [0, 1]
    assert begun == [0, 1, 2, 3]


async def test_another_caller_does_not_wait() -> None:
    turns = Turns(at_once=1)

    async with turns.turn("ann"), asyncio.timeout(1), turns.turn("bob"):
        pass


async def test_more_than_may_wait_are_refused_until_a_turn_ends() -> None:
    turns = Turns(at_once=1, waiting=0)

    async with turns.turn("ann"):
        with pytest.raises(Refusal, match="large requests under way"):
            async with turns.turn("ann"):
                pass
    async with turns.turn("ann"):
        pass


async def test_a_turn_ends_when_its_work_is_cancelled_or_fails() -> None:
    turns = Turns(at_once=1, waiting=1)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(turns.turn("ann"))
        waiting = asyncio.create_task(turns.turn("ann").__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    with pytest.raises(RuntimeError):
        async with turns.turn("ann"):
            raise RuntimeError

    async with turns.turn("ann"):
        pass

    assert turns._callers == {}
