"""Password checks wait in a queue of limited length, and do not block the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from argon2.exceptions import InvalidHashError

from api.security.password_hashing import PasswordPool
from rules.refusals import Code, Refusal
from tests.api.security.hashing import HERE, NOON, RIGHT, GatedHasher, now


@pytest.fixture
def small_pool(hasher: GatedHasher) -> Iterator[PasswordPool]:
    """Yield a pool that hashes one password at a time, while at most one other password waits."""
    pool = PasswordPool(now=now, reserved_for_known=0, threads=1, waiting=1, hasher=hasher)
    yield pool
    hasher.gate.set()
    pool.close()


async def busy(pool: PasswordPool, hasher: GatedHasher) -> asyncio.Task[bool]:
    """Start to verify a password. Return when a thread has begun; the thread ends only when the test opens the gate."""
    task = asyncio.create_task(pool.verify(RIGHT, None, HERE))
    await asyncio.to_thread(hasher.started.acquire)
    return task


async def queued(pool: PasswordPool) -> asyncio.Task[bool]:
    """Start to verify a password in a pool without a free thread, so that the verification waits."""
    task = asyncio.create_task(pool.verify(RIGHT, None, HERE))
    await asyncio.sleep(0)
    return task


async def test_the_loop_goes_on_while_passwords_are_compared(small_pool: PasswordPool, hasher: GatedHasher) -> None:
    comparing = await busy(small_pool, hasher)

    hasher.gate.set()  # only a loop that is not blocked comes to this line

    assert await comparing is False


async def test_when_the_queue_is_full_the_next_is_refused_at_once(
    small_pool: PasswordPool, hasher: GatedHasher
) -> None:
    first, second = await busy(small_pool, hasher), await queued(small_pool)

    with pytest.raises(Refusal) as refused:
        await small_pool.verify(RIGHT, None, HERE)

    assert refused.value.code is Code.RATE_LIMITED
    assert refused.value.message == "Too many sign-ins at the moment. Try again at 2030-01-01T12:00:02.000Z."
    assert refused.value.retry_at == NOON + timedelta(seconds=2)
    hasher.gate.set()
    assert (await first, await second) == (False, False)
    assert await small_pool.verify(RIGHT, None, HERE) is False


async def test_a_caller_who_leaves_the_queue_leaves_the_place_to_the_next(
    small_pool: PasswordPool, hasher: GatedHasher
) -> None:
    first, second = await busy(small_pool, hasher), await queued(small_pool)

    second.cancel()
    await asyncio.wait([second])
    third = await queued(small_pool)

    hasher.gate.set()
    assert second.cancelled()
    assert (await first, await third) == (False, False)


async def test_a_caller_who_leaves_keeps_the_place_until_the_thread_is_free(
    small_pool: PasswordPool, hasher: GatedHasher
) -> None:
    first, second = await busy(small_pool, hasher), await queued(small_pool)

    first.cancel()
    await asyncio.wait([first])
    with pytest.raises(Refusal):
        await small_pool.verify(RIGHT, None, HERE)

    hasher.gate.set()
    assert await second is False


async def test_a_thousand_cancelled_callers_cost_no_place(small_pool: PasswordPool, hasher: GatedHasher) -> None:
    first = await busy(small_pool, hasher)

    for _ in range(1_000):
        leaving = await queued(small_pool)
        leaving.cancel()
        await asyncio.wait([leaving])

    hasher.gate.set()
    assert await first is False
    assert await asyncio.gather(*[small_pool.verify(RIGHT, None, HERE) for _ in range(2)]) == [False, False]


async def test_a_failure_in_the_thread_costs_no_place() -> None:
    pool = PasswordPool(now=now, reserved_for_known=0, threads=1, waiting=0)

    for _ in range(3):
        with pytest.raises(InvalidHashError):
            await pool.verify(RIGHT, "not a hash", HERE)

    pool.close()


async def test_closing_finishes_what_is_queued_and_takes_nothing_more() -> None:
    pool = PasswordPool(now=now, reserved_for_known=0, threads=1, waiting=9)
    comparing = [await queued(pool) for _ in range(5)]

    pool.close()

    assert await asyncio.gather(*comparing) == [False] * 5
    for _ in range(20):
        with pytest.raises(RuntimeError, match="shutdown"):
            await pool.verify(RIGHT, None, HERE)
