"""Seats: they are taken in the order of the selection, and given back at once. Active packages limit their number."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import Portal
from rules.lifecycle.licenses import SeatMode, UserKind
from rules.lifecycle.statuses import Status, StatusReason
from services.admin.doctor import find_wrong_values
from tests.support.world import Ask, Person, TestClock, World
from tests.support.world.answers import counts, reason, reasons, seats, statuses

MINUTE = timedelta(minutes=1)


async def seats_of(ask: Ask, actor: Person, portal: Portal) -> Any:
    reply = await ask("{ licenseTiles { seatsTotal seatsUsed seatsAvailable } }", actor=actor)
    return seats(reply.data["licenseTiles"])


async def test_as_many_as_fit_are_activated_in_selection_order(world: World, ask: Ask) -> None:  # K12
    portal = await world.portal(seats=5)
    ann, _ = await world.portal_admin(portal), await world.users(2, portal)
    waiting = await world.users(6, portal, status=Status.DEACTIVATED)
    asked = [waiting[i] for i in (5, 0, 4, 1, 3, 2)]

    payload = await ask.act("activateUsers", ann, *asked)

    assert reasons(payload) == [None] * 3 + ["NO_SEAT_AVAILABLE"] * 3
    assert await statuses(world, asked) == [Status.ACTIVE] * 3 + [Status.DEACTIVATED] * 3
    assert [seats(tiles) for tiles in payload["licenseTiles"]] == [(5, 5, 0)] * 2
    assert not await find_wrong_values(world.parts.runtime)


async def test_all_are_activated_when_seats_suffice(world: World, ask: Ask) -> None:  # K3, K12
    portal = await world.portal(seats=4)
    ann, waiting = await world.portal_admin(portal), await world.users(4, portal, status=Status.DEACTIVATED)

    payload = await ask.act("activateUsers", ann, *waiting)

    assert reasons(payload) == [None] * 4
    assert counts(payload["licenseTiles"][0])["INACTIVE_USERS"] == 0


async def test_those_who_need_no_seat_do_not_wait_behind_those_who_do(world: World, ask: Ask) -> None:  # K12
    portal = await world.portal(seats=1)
    ann, suspended = await world.portal_admin(portal), await world.user(portal, status=Status.SUSPENDED)
    waiting = await world.user(portal, status=Status.DEACTIVATED)
    internal = await world.user(portal, status=Status.DEACTIVATED, kind=UserKind.INTERNAL)

    payload = await ask.act("activateUsers", ann, waiting, suspended, internal)

    assert reasons(payload) == ["NO_SEAT_AVAILABLE", None, None]


async def test_out_of_seats_says_so_and_names_support(world: World, ask: Ask) -> None:  # K29
    portal = await world.portal("acme", seats=0, name="Acme", support_contact="licenses@msp.test")
    ann = await world.portal_admin(portal)
    bob = await world.user(portal, status=Status.DEACTIVATED, first_name="Bob", last_name="Lee")

    why = (await ask.act("activateUsers", ann, bob))["outcomes"][0]["reason"]

    assert why == {
        "code": "NO_SEAT_AVAILABLE",
        "message": "Bob Lee was not activated: every seat of Acme is taken (seats: 0)."
        " Deactivate a user, or ask licenses@msp.test for more seats.",
        "retryable": True,
        "retryAt": None,
        "suggestedAction": None,
        "params": [
            {"name": "user", "value": "Bob Lee"},
            {"name": "action", "value": "ACTIVATE"},
            {"name": "portal", "value": "Acme"},
            {"name": "seats", "value": "0"},
            {"name": "support", "value": "licenses@msp.test"},
        ],
    }


async def test_without_a_running_package_the_package_is_the_reason(world: World, ask: Ask) -> None:  # K29
    portal = await world.portal("acme", seats=None, name="Acme", support_contact="licenses@msp.test")
    ann, bob = await world.portal_admin(portal), await world.user(portal, status=Status.DEACTIVATED)

    why = (await ask.act("activateUsers", ann, bob))["outcomes"][0]["reason"]

    assert why["code"] == "LICENSE_PACKAGE_INACTIVE"
    assert "no license package of Acme runs now. Ask licenses@msp.test" in why["message"]


async def test_a_package_starts_at_its_instant(world: World, ask: Ask, clock: TestClock) -> None:  # K12
    portal = await world.portal(seats=None)
    await world.package(portal, 1, starts_at=clock.now() + MINUTE)
    ann, bob = await world.portal_admin(portal), await world.user(portal, status=Status.DEACTIVATED)

    clock.advance(MINUTE - timedelta(microseconds=1))
    before = reason(await ask.act("activateUsers", ann, bob))
    clock.advance(timedelta(microseconds=1))
    after = reason(await ask.act("activateUsers", ann, bob))

    assert (before, after) == ("LICENSE_PACKAGE_INACTIVE", None)


async def test_a_package_ends_at_its_instant(world: World, ask: Ask, clock: TestClock) -> None:  # K12
    portal = await world.portal(seats=None)
    await world.package(portal, 2, ends_at=clock.now() + MINUTE)
    ann = await world.portal_admin(portal)
    bob, eve = await world.users(2, portal, status=Status.DEACTIVATED)

    clock.advance(MINUTE - timedelta(microseconds=1))
    before = reason(await ask.act("activateUsers", ann, bob))
    clock.advance(timedelta(microseconds=1))
    after = reason(await ask.act("activateUsers", ann, eve))

    assert (before, after) == (None, "LICENSE_PACKAGE_INACTIVE")


async def test_the_seats_are_the_sum_of_the_packages_that_run(world: World, ask: Ask, clock: TestClock) -> None:
    portal = await world.portal(seats=1)
    await world.package(portal, 2, name="Growth", starts_at=clock.now(), ends_at=clock.now() + MINUTE)
    await world.package(portal, 50, name="Over", ends_at=clock.now())
    await world.package(portal, 50, name="Later", starts_at=clock.now() + MINUTE)
    ann, waiting = await world.portal_admin(portal), await world.users(4, portal, status=Status.DEACTIVATED)

    payload = await ask.act("activateUsers", ann, *waiting)

    assert reasons(payload) == [None] * 3 + ["NO_SEAT_AVAILABLE"]
    assert seats(payload["licenseTiles"][0]) == (3, 3, 0)


async def test_an_ended_package_removes_no_access_and_leaves_no_seat(
    world: World, ask: Ask, clock: TestClock
) -> None:  # K29
    portal = await world.portal(seats=None)
    await world.package(portal, 5, ends_at=clock.now() + MINUTE)
    ann, people = await world.portal_admin(portal), await world.users(3, portal)
    assert await seats_of(ask, ann, portal) == (5, 3, 2)

    clock.advance(MINUTE)

    assert await statuses(world, people) == [Status.ACTIVE] * 3
    assert await seats_of(ask, ann, portal) == (0, 3, 0)
    assert (await ask("{ viewer { name } }", actor=people[0])).data["viewer"]["name"]
    assert reason(await ask.act("deactivateUsers", ann, people[0])) is None
    assert await seats_of(ask, ann, portal) == (0, 2, 0)


async def test_a_package_that_shrank_below_what_is_used_leaves_no_seat(
    world: World, ask: Ask, clock: TestClock
) -> None:
    portal = await world.portal(seats=2)
    await world.package(portal, 3, name="Growth", ends_at=clock.now() + MINUTE)
    ann, people = await world.portal_admin(portal), await world.users(5, portal)

    clock.advance(MINUTE)
    payload = await ask.act("deactivateUsers", ann, people[0])
    again = await ask.act("activateUsers", ann, people[0])

    assert seats(payload["licenseTiles"][0]) == (2, 4, 0)
    assert reason(again) == "NO_SEAT_AVAILABLE"


async def test_a_deactivation_gives_the_seat_back_at_once(world: World, ask: Ask) -> None:  # K30
    portal = await world.portal(seats=1)
    ann, bob = await world.portal_admin(portal), await world.user(portal)
    eve = await world.user(portal, status=Status.DEACTIVATED)

    out = await ask.act("deactivateUsers", ann, bob)
    into = await ask.act("activateUsers", ann, eve)

    assert seats(out["licenseTiles"][0]) == (1, 0, 1)
    assert reason(into) is None
    assert seats(into["licenseTiles"][0]) == (1, 1, 0)


async def test_a_freed_seat_is_not_given_to_a_waiting_user_by_itself(world: World, ask: Ask) -> None:  # K30
    portal = await world.portal(seats=1)
    ann, bob = await world.portal_admin(portal), await world.user(portal)
    waiting = await world.user(portal, status=Status.DEACTIVATED, status_reason=StatusReason.WAITING_FOR_SEAT)

    payload = await ask.act("deleteUsers", ann, bob)

    assert await world.status(waiting) is Status.DEACTIVATED
    assert counts(payload["licenseTiles"][0])["WAITING_FOR_SEAT"] == 1
    assert seats(payload["licenseTiles"][0]) == (1, 0, 1)


@pytest.mark.parametrize("name", ["lockUsers", "unlockUsers", "revokeSessions"])
async def test_locks_and_sign_outs_move_no_seat(world: World, ask: Ask, name: str) -> None:  # T18, T19
    portal = await world.portal(seats=2)
    ann, bob = await world.portal_admin(portal), await world.user(portal)
    eve = await world.user(portal, status=Status.LOCKED_OUT)

    payload = await ask.act(name, ann, bob, eve)

    assert None in reasons(payload)
    assert seats(payload["licenseTiles"][0]) == (2, 2, 0)


async def test_an_unlimited_portal_has_no_end_of_seats(world: World, ask: Ask) -> None:
    portal = await world.portal(seats=None, seat_mode=SeatMode.UNLIMITED)
    ann, waiting = await world.portal_admin(portal), await world.users(3, portal, status=Status.DEACTIVATED)

    payload = await ask.act("activateUsers", ann, *waiting)

    assert reasons(payload) == [None] * 3
    assert seats(payload["licenseTiles"][0]) == (None, 0, None)
    assert {outcome["user"]["holdsSeat"] for outcome in payload["outcomes"]} == {False}


async def test_where_invited_users_hold_seats_deleting_one_gives_it_back(world: World, ask: Ask) -> None:  # K33
    portal = await world.portal(seats=2, seat_mode=SeatMode.ON_INVITE)
    ann, invited = await world.portal_admin(portal), await world.users(2, portal, status=Status.PROVISIONED)
    bob = await world.user(portal, status=Status.DEACTIVATED)
    full = await ask.act("activateUsers", ann, bob)

    gone = await ask.act("deleteUsers", ann, invited[0])
    into = await ask.act("activateUsers", ann, bob)

    assert seats(full["licenseTiles"][0]) == (2, 2, 0)
    assert seats(gone["licenseTiles"][0]) == (2, 1, 1)
    assert (reason(full), reason(into)) == ("NO_SEAT_AVAILABLE", None)
