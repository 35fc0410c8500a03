"""Refresh tokens extend sessions."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from models.tables import AccountSession, OutboxMail, PortalUser
from rules.housekeeping import MOST_SESSIONS
from rules.lifecycle.statuses import Status
from services.auth.sessions import MINIMUM_AGE
from tests.features.sessions.refreshing import REFRESH, WHO, a_signed_in_user, refreshed, signed_in
from tests.support.databases.stored import everything
from tests.support.world import PASSWORD, Ask, TestClock, World


@pytest.mark.parametrize("kind", ["user", "staff"])
async def test_a_refresh_gives_new_tokens_and_uses_the_old_one_up(
    world: World, ask: Ask, clock: TestClock, kind: str
) -> None:
    bob = await a_signed_in_user(world, kind)
    first = await signed_in(ask, bob)
    clock.advance(timedelta(minutes=16))

    second = await refreshed(ask, first["refreshToken"])

    assert (await ask(WHO, token=first["accessToken"])).unauthenticated
    assert (await ask(WHO, token=second["accessToken"])).data["viewer"]
    assert second["viewer"]["id"] == bob.gid
    assert second["refreshToken"] not in (None, first["refreshToken"])
    assert await AccountSession.all().count() == 1


async def test_the_access_token_from_before_a_refresh_is_good_until_it_expires(
    world: World, ask: Ask, clock: TestClock
) -> None:
    first = await signed_in(ask, await world.user(password=PASSWORD))
    clock.advance(timedelta(minutes=1))

    second = await refreshed(ask, first["refreshToken"])

    assert (await ask(WHO, token=first["accessToken"])).data == (await ask(WHO, token=second["accessToken"])).data
    clock.advance(timedelta(seconds=first["expiresIn"] - 60))
    assert (await ask(WHO, token=first["accessToken"])).unauthenticated


async def test_two_tabs_within_half_a_minute_get_the_same_successor(world: World, ask: Ask, clock: TestClock) -> None:
    first = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]
    second = (await refreshed(ask, first))["refreshToken"]

    clock.advance(MINIMUM_AGE - timedelta(milliseconds=1))
    again = (await refreshed(ask, first))["refreshToken"]

    assert again == second


async def test_a_token_younger_than_half_a_minute_is_answered_again(world: World, ask: Ask, clock: TestClock) -> None:
    first = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]
    second = (await refreshed(ask, first))["refreshToken"]

    clock.advance(MINIMUM_AGE - timedelta(milliseconds=1))
    young = (await refreshed(ask, second))["refreshToken"]
    clock.advance(timedelta(milliseconds=1))
    old = (await refreshed(ask, second))["refreshToken"]

    assert young == second
    assert old != second


async def test_a_session_s_refreshes_leave_no_rows(world: World, ask: Ask, clock: TestClock) -> None:
    token = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]
    before = {table: len(rows) for table, rows in (await everything()).items()}

    for _ in range(40):
        clock.advance(MINIMUM_AGE)
        token = (await refreshed(ask, token))["refreshToken"]

    assert {table: len(rows) for table, rows in (await everything()).items()} == before


@pytest.mark.parametrize("away", [MINIMUM_AGE, timedelta(hours=11)])
async def test_a_session_goes_on_after_answers_were_lost(
    world: World, ask: Ask, clock: TestClock, away: timedelta
) -> None:
    first = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]
    for _ in range(3):
        await refreshed(ask, first)  # no answer arrives
        clock.advance(away)

    arrived = await refreshed(ask, first)
    clock.advance(away)

    assert (await refreshed(ask, arrived["refreshToken"]))["viewer"]
    assert not await OutboxMail.exists()


async def test_a_session_of_another_clock_is_refreshed_as_by_its_own(world: World, ask: Ask, clock: TestClock) -> None:
    first = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]
    second = (await refreshed(ask, first))["refreshToken"]

    clock.advance(-timedelta(seconds=5))
    beside = (await refreshed(ask, first))["refreshToken"]
    clock.advance(-timedelta(hours=1))
    third = (await refreshed(ask, second))["refreshToken"]

    assert beside == second
    assert third not in (first, second)


@pytest.mark.parametrize("kind", ["user", "staff"])
async def test_the_twenty_first_session_ends_the_oldest(world: World, ask: Ask, clock: TestClock, kind: str) -> None:
    bob = await a_signed_in_user(world, kind)
    first = await signed_in(ask, bob)
    others = []
    for _ in range(MOST_SESSIONS):
        clock.advance(timedelta(minutes=5))
        others.append(await world.token(bob))

    assert (await ask(WHO, token=first["accessToken"])).unauthenticated
    assert await refreshed(ask, first["refreshToken"]) == ["INVALID_TOKEN"]
    assert await AccountSession.filter(revoked_at=None).count() == MOST_SESSIONS
    assert (await ask(WHO, token=others[-1])).data["viewer"]


async def test_a_session_begun_by_a_clock_set_back_is_not_the_one_that_ends(
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob = await world.user()
    for _ in range(MOST_SESSIONS):
        await world.token(bob)
    clock.advance(-timedelta(minutes=10))

    newest = await world.token(bob)

    assert (await ask(WHO, token=newest)).data["viewer"]
    assert await AccountSession.filter(revoked_at=None).count() == MOST_SESSIONS


async def test_a_refresh_is_a_sign_of_life_noted_once_a_day(world: World, ask: Ask, clock: TestClock) -> None:
    bob = await world.user(password=PASSWORD)
    begun = clock.now()
    token, noted = (await signed_in(ask, bob))["refreshToken"], []
    await PortalUser.filter(id=bob.id).update(idle_warned_at=begun)

    for _ in range(4):
        clock.advance(timedelta(hours=8))
        token = (await refreshed(ask, token))["refreshToken"]
        user = await PortalUser.get(id=bob.id)
        noted.append((user.idle_since, user.idle_warned_at))

    a_day_later = begun + timedelta(days=1)
    assert noted == [(begun, begun), (begun, begun), (a_day_later, None), (a_day_later, None)]


async def test_a_session_goes_on_whatever_others_of_the_network_do(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    token = (await signed_in(ask, bob))["refreshToken"]
    asked = "mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { errors { code } } }"
    for n in range(101):
        await refreshed(ask, f"dead {n}")
        last = await ask(asked, input={"email": f"unknown.{n}@acme.test"})

    assert last.data["requestPasswordReset"]["errors"] == [{"code": "RATE_LIMITED"}]
    assert (await refreshed(ask, token))["refreshToken"]
    assert await signed_in(ask, bob)


@pytest.mark.parametrize("status", [Status.LOCKED_OUT, Status.AWAITING_NEW_PASSWORD])
async def test_a_lock_and_an_old_password_stop_the_next_sign_in_not_this_session(
    world: World, ask: Ask, status: Status
) -> None:
    bob = await world.user(password=PASSWORD)
    token = (await signed_in(ask, bob))["refreshToken"]

    await PortalUser.filter(id=bob.id).update(status=status)

    assert (await refreshed(ask, token))["viewer"]["id"] == bob.gid


async def test_sixty_four_refreshes_at_once_give_one_successor(world: World, ask: Ask) -> None:
    token = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]

    answers = await asyncio.gather(*(refreshed(ask, token) for _ in range(64)))

    assert len({answer["refreshToken"] for answer in answers}) == 1
    assert (await AccountSession.get()).refresh_generation == 1


async def test_a_stale_header_blocks_no_refresh(world: World, ask: Ask) -> None:
    token = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]

    reply = await ask(REFRESH, token="x.y.z", input={"refreshToken": token})

    assert reply.data["refreshSession"]["session"]
