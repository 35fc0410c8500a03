"""Networks share the queue of password checks fairly, and sources known to the account have reserved places."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from api.security.password_hashing import MOST_PER_NETWORK, RESERVED_FOR_KNOWN, THREADS, WAITING, PasswordPool
from rules.refusals import Code, Refusal
from tests.api.security.hashing import GatedHasher

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


@pytest.fixture
def hasher() -> GatedHasher:
    return GatedHasher()


@pytest.fixture
def pool(hasher: GatedHasher) -> Iterator[PasswordPool]:
    """Return a PasswordPool with the limits of production.

    No check of a password ends before the test sets `hasher.gate`.
    """
    pool = PasswordPool(now=lambda: NOON, hasher=hasher)
    yield pool
    hasher.gate.set()
    pool.close()


async def sign_in(pool: PasswordPool, addresses: list[str], *, is_known: bool = False) -> list[asyncio.Task[bool]]:
    """Start to verify a password from each network address at the same time, and return one task for each address.

    The tasks of the attempts that the pool refuses have already ended when the function returns.
    """
    tasks = [asyncio.create_task(pool.verify(PASSWORD, None, each, is_known=is_known)) for each in addresses]
    await asyncio.sleep(0)
    return tasks


def refusals(tasks: list[asyncio.Task[bool]]) -> list[Refusal]:
    found = [task.exception() for task in tasks if task.done()]
    return [each for each in found if isinstance(each, Refusal)]


@pytest.mark.parametrize(
    ("addresses", "most"),
    [
        pytest.param(["192.0.2.1"] * 80, MOST_PER_NETWORK[0], id="one IPv4 address"),
        pytest.param([f"2001:db8:1:2::{n:x}" for n in range(80)], MOST_PER_NETWORK[0], id="one /64"),
        pytest.param([f"2001:db8:1:{n:x}::1" for n in range(80)], MOST_PER_NETWORK[1], id="one /56"),
        pytest.param([f"2001:db8:1:{n:x}00::1" for n in range(80)], MOST_PER_NETWORK[2], id="one /48"),
        pytest.param([f"64:ff9b::c000:20{n % 2}" for n in range(80)], 2 * MOST_PER_NETWORK[0], id="two behind NAT64"),
    ],
)
async def test_eighty_sign_ins_at_once_from_one_network_leave_places_for_others(
    pool: PasswordPool, hasher: GatedHasher, addresses: list[str], most: int
) -> None:
    flood = await sign_in(pool, addresses)

    others = await sign_in(pool, ["198.51.100.7", "2001:db8:2::1"])

    assert len(refusals(flood)) == 80 - most
    assert {(no.code, no.retry_at) for no in refusals(flood)} == {(Code.RATE_LIMITED, NOON + timedelta(seconds=2))}
    hasher.gate.set()
    assert await asyncio.gather(*others) == [False, False]


async def test_places_are_kept_for_known_sources(pool: PasswordPool, hasher: GatedHasher) -> None:
    strangers = await sign_in(pool, [f"192.0.2.{n}" for n in range(200)])

    known = await sign_in(pool, [f"198.51.100.{n}" for n in range(200)], is_known=True)

    assert 200 - len(refusals(strangers)) == THREADS + WAITING - RESERVED_FOR_KNOWN
    assert 200 - len(refusals(known)) == RESERVED_FOR_KNOWN


async def test_a_network_full_of_strangers_has_places_left_for_its_known_devices(pool: PasswordPool) -> None:
    await sign_in(pool, ["192.0.2.1"] * 80)

    known = await sign_in(pool, ["192.0.2.1"] * 80, is_known=True)

    assert 80 - len(refusals(known)) == MOST_PER_NETWORK[0]


async def test_places_are_free_again_once_the_work_is_done(pool: PasswordPool, hasher: GatedHasher) -> None:
    flood = await sign_in(pool, ["192.0.2.1"] * 80)
    hasher.gate.set()
    await asyncio.wait(flood)

    again = await sign_in(pool, ["192.0.2.1"] * MOST_PER_NETWORK[0])

    assert await asyncio.gather(*again) == [False] * MOST_PER_NETWORK[0]
