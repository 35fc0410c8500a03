"""Refresh tokens that are refused: copied, forged, expired or revoked ones."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.tables import AccountSession, OutboxMail, PortalUser, StaffMember
from services.auth.sessions import IDLE, LONGEST, MINIMUM_AGE
from tests.features.sessions.refreshing import WHO, a_signed_in_user, refreshed, signed_in
from tests.support.databases.stored import places_of
from tests.support.world import PASSWORD, Ask, TestClock, World


async def test_a_copied_token_is_found_out_when_the_thief_refreshes_after_the_owner(
    world: World, ask: Ask, clock: TestClock
) -> None:
    copied = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]
    thief = (await refreshed(ask, copied))["refreshToken"]
    clock.advance(timedelta(minutes=15))
    owner = (await refreshed(ask, copied))["refreshToken"]

    answers = [await refreshed(ask, thief), await refreshed(ask, owner)]

    assert answers == [["INVALID_TOKEN"]] * 2
    assert [mail.kind for mail in await OutboxMail.all()] == ["SESSION_COPIED"]


@pytest.mark.parametrize("kind", ["user", "staff"])
async def test_a_token_replaced_twice_ends_its_session_and_mails_the_owner(
    world: World, ask: Ask, clock: TestClock, kind: str
) -> None:
    bob = await a_signed_in_user(world, kind)
    other = await signed_in(ask, bob)
    first = (await signed_in(ask, bob))["refreshToken"]
    second = await refreshed(ask, first)
    clock.advance(MINIMUM_AGE)
    second = await refreshed(ask, second["refreshToken"])

    copied = [await refreshed(ask, first), await refreshed(ask, first)]

    assert copied == [["INVALID_TOKEN"]] * 2
    assert await refreshed(ask, second["refreshToken"]) == ["INVALID_TOKEN"]
    assert (await ask(WHO, token=second["accessToken"])).unauthenticated
    assert (await ask(WHO, token=other["accessToken"])).data["viewer"]
    (mail,) = await OutboxMail.all()
    assert (mail.kind, mail.staff_id or mail.user_id) == ("SESSION_COPIED", bob.id)  # type: ignore[attr-defined]  # Tortoise makes these at run time


@pytest.mark.parametrize("change", [{"generation": 1}, {"secret": "A" * 43}, {"session": "0" * 32}])
async def test_a_forged_token_prolongs_nothing_and_ends_no_session(
    world: World, ask: Ask, change: dict[str, object]
) -> None:
    token = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]
    session, generation, secret = token.split(".")
    parts = {"session": session, "generation": generation, "secret": secret, **change}

    forged = await refreshed(ask, "{session}.{generation}.{secret}".format(**parts))

    assert forged == ["INVALID_TOKEN"]
    assert (await refreshed(ask, token))["viewer"]


@pytest.mark.parametrize("token", ["", "made up", "x" * 5000, "ü", f"{'0' * 32}.٣.{'a' * 43}"])
async def test_what_is_no_token_prolongs_nothing(world: World, ask: Ask, token: str) -> None:
    await signed_in(ask, await world.user(password=PASSWORD))

    assert await refreshed(ask, token) == ["INVALID_TOKEN"]


async def test_nothing_that_opens_anything_is_stored(world: World, ask: Ask) -> None:
    first = await signed_in(ask, await world.user(password=PASSWORD))
    second = await refreshed(ask, first["refreshToken"])

    assert await places_of(first["refreshToken"], second["refreshToken"], second["accessToken"]) == []


async def test_a_session_lives_for_twelve_hours_after_the_last_refresh(
    world: World, ask: Ask, clock: TestClock
) -> None:
    token = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]

    for _ in range(3):
        clock.advance(IDLE - timedelta(seconds=1))
        token = (await refreshed(ask, token))["refreshToken"]
    clock.advance(IDLE)

    assert await refreshed(ask, token) == ["INVALID_TOKEN"]


async def test_a_session_lives_for_thirty_days_at_most(world: World, ask: Ask, clock: TestClock) -> None:
    token, begun = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"], clock.now()
    while clock.now() + timedelta(hours=11) < begun + LONGEST:
        clock.advance(timedelta(hours=11))
        token = (await refreshed(ask, token))["refreshToken"]

    (session,) = await AccountSession.all()
    assert session.expires_at == begun + LONGEST
    clock.time = begun + LONGEST
    assert await refreshed(ask, token) == ["INVALID_TOKEN"]


@pytest.mark.parametrize(
    "change",
    [{"status": "SUSPENDED"}, {"status": "DEACTIVATED"}, {"status": "RECOVERY"}, {"pending_email": "n@acme.test"}],
)
async def test_whose_access_was_taken_away_prolongs_nothing(  # L9
    world: World, ask: Ask, change: dict[str, str]
) -> None:
    bob = await world.user(password=PASSWORD)
    token = (await signed_in(ask, bob))["refreshToken"]

    await PortalUser.filter(id=bob.id).update(**change)

    assert await refreshed(ask, token) == ["INVALID_TOKEN"]


async def test_a_deactivated_user_s_token_stays_dead_after_reactivation(world: World, ask: Ask) -> None:  # L9
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)
    session = await signed_in(ask, bob)

    await ask.act("deactivateUsers", ann, bob)
    await ask.act("activateUsers", ann, bob)

    assert await refreshed(ask, session["refreshToken"]) == ["INVALID_TOKEN"]
    assert (await ask(WHO, token=session["accessToken"])).unauthenticated


async def test_disabled_staff_prolong_nothing(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin(password=PASSWORD)
    token = (await signed_in(ask, nora))["refreshToken"]

    await StaffMember.filter(id=nora.id).update(is_active=False)

    assert await refreshed(ask, token) == ["INVALID_TOKEN"]
