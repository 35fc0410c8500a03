"""100 failures in a row close an account, so that no password can be guessed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.tables import SignInAttempts
from rules.lifecycle.statuses import Status
from tests.features.account.own_account import NEW_PASSWORD, forgot, link_of, reset
from tests.features.lockout.guessing import A_DAY, A_LOCK, WRONG, blockers, nearly_a_hundred_in_a_row, tried
from tests.support.world import PASSWORD, Ask, Person, TestClock, World
from tests.support.world.answers import reason
from tests.support.world.places import FAR_AWAY, calling_from

A_YEAR = timedelta(days=365)


async def test_a_hundred_failures_over_ten_locks_close_the_account(world: World, ask: Ask, clock: TestClock) -> None:
    bob = await world.user(await world.portal("acme", lockout_threshold=10), password=PASSWORD)
    async with calling_from(world, FAR_AWAY) as stranger:
        for _ in range(10):
            await tried(stranger, bob, times=10)
            clock.advance(A_LOCK)
        clock.advance(A_YEAR)

        assert await tried(stranger, bob, PASSWORD) == WRONG
        assert await blockers(ask, bob) == ["LOCKED_OUT"]


async def test_an_admin_opens_an_account_that_is_closed_for_good(
    world: World, ask: Ask, clock: TestClock, bob: Person
) -> None:
    ann = await world.portal_admin(bob.portal)
    await tried(ask, bob)
    await nearly_a_hundred_in_a_row(bob)
    await tried(ask, bob)
    clock.advance(A_YEAR)
    before = await tried(ask, bob, PASSWORD)

    opened = reason(await ask.act("unlockUsers", ann, bob))

    assert (before, opened) == (WRONG, None)
    assert await tried(ask, bob, PASSWORD) == "in"


@pytest.mark.parametrize("is_staff", [True, False])
async def test_a_new_password_opens_an_account_that_is_closed_for_good(
    world: World, ask: Ask, clock: TestClock, bob: Person, *, is_staff: bool
) -> None:
    person = await world.mssp_admin(password=PASSWORD) if is_staff else bob
    await tried(ask, person)
    await nearly_a_hundred_in_a_row(person)
    await tried(ask, person)
    clock.advance(A_YEAR)
    before = await tried(ask, person, PASSWORD)

    await forgot(ask, person.portal, person.login if is_staff else f"{person.login}@acme.test")
    await reset(ask, await link_of(world, person))

    assert before == WRONG
    assert await tried(ask, person, NEW_PASSWORD) == "in"


async def test_the_hundredth_failure_during_a_lock_makes_the_lock_last(
    world: World, ask: Ask, clock: TestClock, bob: Person
) -> None:
    await tried(ask, bob, times=3)
    await nearly_a_hundred_in_a_row(bob)

    await tried(ask, bob)
    clock.advance(A_LOCK)

    assert await tried(ask, bob, PASSWORD) == WRONG
    assert await blockers(ask, bob) == ["LOCKED_OUT"]


async def test_a_known_source_that_guessed_too_often_is_no_way_round(
    world: World, ask: Ask, clock: TestClock, bob: Person
) -> None:
    assert await tried(ask, bob, PASSWORD) == "in"
    await tried(ask, bob)
    await nearly_a_hundred_in_a_row(bob)
    await tried(ask, bob)
    clock.advance(A_DAY)

    assert await tried(ask, bob, PASSWORD) == WRONG


async def test_failures_of_earlier_days_lead_to_no_lock(world: World, ask: Ask, clock: TestClock, bob: Person) -> None:
    await tried(ask, bob, times=2)
    clock.advance(A_DAY)
    await tried(ask, bob, times=2)
    early = await world.status(bob)
    clock.advance(A_DAY - timedelta(seconds=1))

    await tried(ask, bob)

    assert (early, await world.status(bob)) == (Status.ACTIVE, Status.LOCKED_OUT)
    assert (await SignInAttempts.get(account_id=bob.id)).in_a_row == 5
