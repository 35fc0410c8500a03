"""Known sources of a user: when a source is forgotten, and failed sign-ins from other sources."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.tables import KnownSource
from rules.auth.lockout import MOST_KNOWN_SOURCES
from rules.lifecycle.statuses import Status
from services.auth.sign_in import open_session
from services.ports import Caller
from tests.features.account.own_account import NEW_PASSWORD
from tests.features.lockout.guessing import WRONG, nearly_a_hundred_in_a_row, tried
from tests.support.world import PASSWORD, Ask, Person, TestClock, World
from tests.support.world.answers import reason
from tests.support.world.places import ELSEWHERE, FAR_AWAY, calling_from


async def test_strangers_failures_are_counted_on_while_the_owner_signs_in_at_home(world: World, bob: Person) -> None:
    async with calling_from(world, ELSEWHERE) as at_home, calling_from(world, FAR_AWAY) as stranger:
        await tried(at_home, bob, PASSWORD)
        await tried(stranger, bob)
        await nearly_a_hundred_in_a_row(bob)
        at_home_before = await tried(at_home, bob, PASSWORD)

        await tried(stranger, bob)

        row = await world.row(bob)
        assert row
        assert (at_home_before, row.status, row.locked_for_good) == ("in", Status.LOCKED_OUT, True)
        assert await tried(at_home, bob, PASSWORD) == "in"


@pytest.mark.parametrize("action", ["resetPasswords", "deactivateUsers", "revokeSessions", "lockUsers"])
async def test_what_ends_every_session_forgets_where_they_came_from(
    world: World, ask: Ask, bob: Person, action: str
) -> None:
    ann = await world.portal_admin(bob.portal)
    await tried(ask, bob, PASSWORD)
    before = await KnownSource.filter(user_id=bob.id).count()

    assert reason(await ask.act(action, ann, bob)) is None

    assert (before, await KnownSource.filter(user_id=bob.id).count()) == (1, 0)


async def test_signing_out_everywhere_forgets_the_sources_and_one_session_does_not(
    world: World, ask: Ask, bob: Person
) -> None:
    await tried(ask, bob, PASSWORD)
    one = "mutation ($i: SignOutInput!) { signOut(input: $i) { errors { code } } }"

    await ask(one, token=await world.token(bob), i={})
    after_one = await KnownSource.filter(user_id=bob.id).count()
    await ask(one, token=await world.token(bob), i={"everywhere": True})

    assert (after_one, await KnownSource.filter(user_id=bob.id).count()) == (1, 0)


async def test_a_thief_s_network_is_not_exempt_after_the_password_was_changed(world: World, bob: Person) -> None:
    change = "mutation ($i: ChangePasswordInput!) { changePassword(input: $i) { errors { code } } }"
    async with calling_from(world, ELSEWHERE) as at_home, calling_from(world, FAR_AWAY) as thief:
        await tried(thief, bob, PASSWORD)
        given = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
        changed = await at_home(change, actor=bob, i=given)

        await tried(at_home, bob, times=3)

        assert changed.data["changePassword"]["errors"] == []
        assert await world.status(bob) is Status.LOCKED_OUT
        assert await tried(thief, bob, NEW_PASSWORD) == WRONG


async def test_of_known_sources_the_least_recent_makes_room(world: World, clock: TestClock, bob: Person) -> None:
    parts = world.parts
    for number in range(MOST_KNOWN_SOURCES + 2):
        clock.advance(timedelta(minutes=1))
        caller = Caller(f"198.51.100.{number}", None)
        await open_session(parts.runtime, parts.ports, caller, bob.key)

    rows = await KnownSource.filter(user_id=bob.id).order_by("last_at")

    assert len(rows) == MOST_KNOWN_SOURCES
    assert rows[0].last_at == clock.now() - timedelta(minutes=MOST_KNOWN_SOURCES - 1)
