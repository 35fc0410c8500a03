"""Attempts are counted by network, in all processes together, before the password is checked.

If the check does not take place or succeeds, the attempt is subtracted again.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta

import pytest

from models.tables import LimitedTries
from rules.auth.rate_limits import Limit, RateLimits
from rules.instants import rfc_3339
from rules.messages.rate_limits import RateLimitMessage
from rules.refusals import Code, Refusal
from services import rate_limits
from services.housekeeping.run import Housekeeping
from services.passwords import password_reset
from services.ports import Caller, SignInPorts
from tests.features.account.own_account import link_of
from tests.support.world import Person, TestClock, World
from tests.support.world.limiting import failing, passing

HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"
MINUTES_5 = timedelta(minutes=5)


@pytest.fixture
def ports(world: World) -> SignInPorts:
    """Return ports that allow ten failed sign-ins from one network in five minutes."""
    return replace(world.parts.ports, limits=RateLimits(sign_ins=Limit(RateLimitMessage.SIGN_INS, 10)))


def slug_of(person: Person) -> str:
    assert person.portal
    return person.portal.slug


def a_try(world: World, ports: SignInPorts, address: str = HERE) -> AbstractAsyncContextManager[None]:
    return rate_limits.count_sign_in(world.parts.runtime, ports, Caller(address, None), None)


async def fail(world: World, ports: SignInPorts, times: int, address: str = HERE) -> list[Code]:
    return [(await failing(a_try(world, ports, address))).code for _ in range(times)]


async def is_let_in(world: World, ports: SignInPorts, address: str = HERE) -> bool:
    refusal = await passing(a_try(world, ports, address))
    await world.parts.runtime.transactions.wait_until_idle()
    return refusal is None


async def test_a_network_has_a_hundred_failed_sign_ins_in_five_minutes(world: World, clock: TestClock) -> None:
    codes = await fail(world, world.parts.ports, 101)

    assert codes == [Code.INVALID_CREDENTIALS] * 100 + [Code.RATE_LIMITED]
    assert await is_let_in(world, world.parts.ports, ELSEWHERE)


async def test_the_refusal_says_when_to_try_again(world: World, ports: SignInPorts, clock: TestClock) -> None:
    begun = clock.now()
    for _ in range(10):
        await fail(world, ports, 1)
        clock.advance(timedelta(seconds=10))

    refusal = await failing(a_try(world, ports))

    assert (refusal.code, refusal.retry_at) == (Code.RATE_LIMITED, begun + MINUTES_5)
    assert refusal.message == f"Too many sign-ins from your network. Try again at {rfc_3339(begun + MINUTES_5)}."


async def test_a_try_at_the_named_time_is_let_in_and_a_millisecond_before_is_not(
    world: World, ports: SignInPorts, clock: TestClock
) -> None:
    await fail(world, ports, 10)
    clock.advance(MINUTES_5 - timedelta(milliseconds=1))
    before = await is_let_in(world, ports)
    clock.advance(timedelta(milliseconds=1))

    assert (before, await is_let_in(world, ports)) == (False, True)


async def test_a_refused_try_does_not_prolong_the_wait(world: World, ports: SignInPorts, clock: TestClock) -> None:
    await fail(world, ports, 10)
    clock.advance(MINUTES_5 - timedelta(seconds=1))
    await fail(world, ports, 20)
    clock.advance(timedelta(seconds=1))

    assert await fail(world, ports, 11) == [Code.INVALID_CREDENTIALS] * 10 + [Code.RATE_LIMITED]


async def test_a_clock_that_was_set_back_locks_no_network_out_for_longer(
    world: World, ports: SignInPorts, clock: TestClock
) -> None:
    await fail(world, ports, 10)
    clock.advance(timedelta(days=-1))

    assert await is_let_in(world, ports)


async def test_success_gives_the_try_back_and_forgives_no_failure_before_it(world: World, ports: SignInPorts) -> None:
    await fail(world, ports, 9)
    for _ in range(20):
        assert await is_let_in(world, ports)

    assert await fail(world, ports, 2) == [Code.INVALID_CREDENTIALS, Code.RATE_LIMITED]


@pytest.mark.parametrize(
    "error", [Refusal(Code.RATE_LIMITED), Refusal(Code.UNAVAILABLE), OSError("the database is away")]
)
async def test_a_try_that_was_never_evaluated_is_given_back(world: World, ports: SignInPorts, error: Exception) -> None:
    for _ in range(30):
        with pytest.raises(type(error)):
            async with a_try(world, ports):
                raise error
        await world.parts.runtime.transactions.wait_until_idle()

    assert await is_let_in(world, ports)


async def test_a_try_whose_caller_has_gone_is_given_back(world: World, ports: SignInPorts) -> None:
    async def waits() -> None:
        async with a_try(world, ports):
            await asyncio.Event().wait()

    for _ in range(12):
        task = asyncio.create_task(waits())
        await asyncio.wait([task], timeout=0.001)
        await world.parts.runtime.transactions.wait_until_idle()
        task.cancel()
        await asyncio.wait([task])
        await world.parts.runtime.transactions.wait_until_idle()

    assert [row.tries for row in await LimitedTries.all()] == [0]


async def test_of_thirty_tries_at_once_in_two_processes_exactly_ten_are_let_in(
    world: World, ports: SignInPorts
) -> None:
    other = replace(ports)  # all that a second process has in common with it is the database

    codes = await asyncio.gather(*(failing(a_try(world, each)) for each in (ports, other) * 15))

    assert sum(refusal.code is Code.INVALID_CREDENTIALS for refusal in codes) == 10


@pytest.mark.parametrize(
    ("template", "most"),
    [
        ("2001:db8:1:2::{n:x}", 10),
        ("2001:db8:1:{n:x}::1", 20),
        ("2001:db8:1:{n:x}00::1", 40),
        ("64:ff9b::c000:2{n:02x}", 60),
    ],
)
async def test_a_subscriber_of_ipv6_has_no_new_tries_with_every_network(
    world: World, ports: SignInPorts, template: str, most: int
) -> None:
    codes = [(await failing(a_try(world, ports, template.format(n=n)))).code for n in range(60)]

    assert codes.count(Code.INVALID_CREDENTIALS) == most


async def test_a_known_device_neither_uses_up_nor_suffers_from_the_failures_of_its_office(
    world: World, ports: SignInPorts
) -> None:
    bob = await world.user()
    await world.token(bob)  # signed in from 127.0.0.1
    known = [
        rate_limits.count_sign_in(world.parts.runtime, ports, Caller("127.0.0.1", None), bob.id) for _ in range(21)
    ]

    wrong = [(await failing(each)).code for each in known[:20]]
    of_others = await fail(world, ports, 11, "127.0.0.1")

    assert wrong == [Code.INVALID_CREDENTIALS] * 20
    assert of_others == [Code.INVALID_CREDENTIALS] * 10 + [Code.RATE_LIMITED]
    assert await passing(known[20]) is None


async def test_one_kind_of_try_does_not_use_up_anothers(world: World, ports: SignInPorts) -> None:
    runtime, caller = world.parts.runtime, Caller(HERE, None)
    await fail(world, ports, 11)

    others = [
        rate_limits.count_reset_request(runtime, ports, caller),
        rate_limits.count_link_use(runtime, ports, caller),
    ]

    assert [await passing(each) for each in others] == [None, None]


@pytest.mark.parametrize("password", ["passwordpassword", "short"])
async def test_a_link_is_no_way_to_have_passwords_estimated_without_end(
    world: World, ports: SignInPorts, password: str
) -> None:
    ports = replace(ports, limits=RateLimits(links=Limit(RateLimitMessage.LINKS, 3)))
    bob = await world.user(email="bob@acme.test")
    await password_reset.request(
        world.parts.runtime, ports, Caller(HERE, None), portal_slug=slug_of(bob), email="bob@acme.test"
    )
    await world.answer_resets()
    token = await link_of(world, bob)

    codes = []
    for _ in range(4):
        with pytest.raises(Refusal) as refused:
            await password_reset.complete(
                world.parts.runtime, ports, Caller(HERE, None), token=token, password=password
            )
        codes.append(refused.value.code)

    assert codes == [Code.WEAK_PASSWORD] * 3 + [Code.RATE_LIMITED]


async def test_no_address_is_stored_and_what_is_over_is_dropped(
    world: World, ports: SignInPorts, clock: TestClock
) -> None:
    await fail(world, ports, 1)
    await fail(world, ports, 1, "2001:db8:1:2::1")
    keys = [row.key for row in await LimitedTries.all()]
    clock.advance(MINUTES_5)

    await Housekeeping(world.parts.runtime).run()

    assert len(keys) == 4
    assert not any("192.0.2" in key or ":" in key for key in keys)
    assert not await LimitedTries.exists()
