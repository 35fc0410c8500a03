"""The numbers of previewPortalPolicy equal the effects of the real change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import Portal, PortalUser
from rules.housekeeping import Task
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status, StatusReason
from rules.policies.policy_effects import PolicyEffectKind
from tests.features.invitations.inviting import ada, invite_new
from tests.features.listing.counting_statements import statements
from tests.features.policies.changing import changed, faults_of, previewed
from tests.services.housekeeping.running import A_WEEK, swept
from tests.support.databases.stored import everything
from tests.support.world import PASSWORD, Ask, Person, TestClock, World
from tests.support.world.answers import sign_in


async def with_status(portal: Portal, status: Status, reason: StatusReason | None = None) -> int:
    of_status = PortalUser.filter(portal_id=portal.id, status=status)
    return await (of_status.filter(status_reason=reason) if reason else of_status).count()


@pytest.mark.parametrize("old", [90, None])
async def test_users_who_are_suspended_as_idle(world: World, ask: Ask, clock: TestClock, old: int | None) -> None:
    portal = await world.portal(idle_suspend_days=old)
    for days in (10, 22, 23, 24, 31, 60):
        await world.user(portal, enabled_at=clock.now() - timedelta(days=days))
    await world.portal_admin(portal, enabled_at=clock.now() - timedelta(days=40))
    await world.user(portal, status=Status.SUSPENDED, enabled_at=clock.now() - timedelta(days=60))
    await swept(world)
    nora = await world.mssp_admin()

    preview = await previewed(ask, nora, portal, idleSuspendDays=30)
    await changed(ask, nora, portal, idleSuspendDays=30)

    at_once = await swept(world)
    clock.advance(A_WEEK)
    await swept(world)
    assert preview == {"SUSPENDED_AS_IDLE": 4}
    assert at_once == {Task.WARN_IDLE: 4}
    assert await with_status(portal, Status.SUSPENDED, StatusReason.IDLE) == 4


async def test_users_who_are_erased(world: World, ask: Ask, clock: TestClock) -> None:  # K31
    nora, portal = await world.mssp_admin(), await world.portal()
    waiting = {"status": Status.DEACTIVATED, "status_reason": StatusReason.WAITING_FOR_SEAT}
    for days in (6, 7, 8, 29):
        await world.user(portal, status=Status.DEACTIVATED, changed_at=clock.now() - timedelta(days=days))
    await world.user(portal, changed_at=clock.now() - timedelta(days=20), **waiting)

    preview = await previewed(ask, nora, portal, deactivatedRetentionDays=7)
    await changed(ask, nora, portal, deactivatedRetentionDays=7)

    assert preview == {"ERASED": 3}
    assert (await swept(world))[Task.ERASE_DEACTIVATED] == 3
    assert await with_status(portal, Status.DEACTIVATED) == 2


async def test_locks_that_end_and_locks_that_no_longer_end(world: World, ask: Ask, clock: TestClock) -> None:
    nora, portal = await world.mssp_admin(), await world.portal(lockout_minutes=60)
    for minutes in (1, 10, 20):
        await world.user(portal, status=Status.LOCKED_OUT, changed_at=clock.now() - timedelta(minutes=minutes))

    shorter = await previewed(ask, nora, portal, lockoutMinutes=10)
    never = await previewed(ask, nora, portal, lockoutMinutes=None)
    await changed(ask, nora, portal, lockoutMinutes=10)

    assert (shorter, never) == ({"LOCK_ENDED": 2}, {"LOCKED_UNTIL_UNLOCKED": 3})
    assert await swept(world) == {Task.END_LOCKS: 2}
    assert await previewed(ask, nora, portal, lockoutMinutes=None) == {"LOCKED_UNTIL_UNLOCKED": 1}


@pytest.mark.parametrize(
    ("old", "new", "effects"),
    [
        ("UNLIMITED", "ON_ACTIVATION", {"GAINS_SEAT": 2, "OVER_SEATS": 1}),
        ("UNLIMITED", "ON_INVITE", {"GAINS_SEAT": 3, "OVER_SEATS": 2}),
        ("ON_ACTIVATION", "ON_INVITE", {"GAINS_SEAT": 1, "OVER_SEATS": 2}),
        ("ON_INVITE", "UNLIMITED", {"LOSES_SEAT": 3}),
    ],
)
async def test_seats_that_are_taken_and_given_back(
    world: World, ask: Ask, old: str, new: str, effects: dict[str, int]
) -> None:
    nora, portal = await world.mssp_admin(), await world.portal(seats=1, seat_mode="UNLIMITED")
    await world.users(2, portal)
    await world.user(portal, kind=UserKind.INTERNAL)
    await invite_new(ask, nora, portal, ada())
    await changed(ask, nora, portal, seatMode=old)
    used = (await Portal.get(id=portal.id)).seats_used

    preview = await previewed(ask, nora, portal, seatMode=new)
    tiles = (await changed(ask, nora, portal, seatMode=new))["licenseTiles"]

    assert preview == effects
    assert tiles["seatsUsed"] - used == effects.get("GAINS_SEAT", 0) - effects.get("LOSES_SEAT", 0)
    assert max(0, tiles["seatsUsed"] - (tiles["seatsTotal"] or tiles["seatsUsed"])) == effects.get("OVER_SEATS", 0)


async def test_admins_beyond_the_limit(world: World, ask: Ask) -> None:  # L2
    nora, portal = await world.mssp_admin(), await world.portal()
    for status in (Status.ACTIVE, Status.ACTIVE, Status.SUSPENDED, Status.DEACTIVATED):
        await world.portal_admin(portal, status=status)

    assert await previewed(ask, nora, portal, maxAdmins=1) == {"OVER_ADMIN_LIMIT": 2}
    assert await previewed(ask, nora, portal, maxAdmins=3) == {}


async def signing_in(ask: Ask, portal: Portal, people: list[Person]) -> list[Any]:
    return [await sign_in(ask, person.login, PASSWORD, portal.slug) for person in people]


async def test_users_who_no_longer_sign_in_with_a_password(world: World, ask: Ask) -> None:  # K21
    nora, portal = await world.mssp_admin(), await world.portal()
    people = [await world.user(portal, password=PASSWORD) for _ in range(2)]
    await world.user(portal)
    await world.user(portal, status=Status.DEACTIVATED, password=PASSWORD)

    preview = await previewed(ask, nora, portal, passwordSignInEnabled=False)
    await changed(ask, nora, portal, passwordSignInEnabled=False)

    refused = [
        {"code": "PASSWORD_SIGN_IN_OFF"} in payload["blockers"] for payload in await signing_in(ask, portal, people)
    ]
    assert (preview, refused) == ({"LOSES_PASSWORD_SIGN_IN": 2}, [True, True])


async def test_users_who_must_change_their_password(world: World, ask: Ask, clock: TestClock) -> None:  # T6
    portal = await world.portal(password_max_age_days=300)
    ages = (9, 10, 200, 300)
    people = [await world.user(portal, password=PASSWORD, added_at=clock.now() - timedelta(days=age)) for age in ages]
    nora = await world.mssp_admin()

    preview = await previewed(ask, nora, portal, passwordMaxAgeDays=10)
    await changed(ask, nora, portal, passwordMaxAgeDays=10)

    asked = [payload["passwordChange"] is not None for payload in await signing_in(ask, portal, people)]
    assert (preview, asked) == ({"MUST_CHANGE_PASSWORD": 2}, [False, True, True, True])


async def test_users_who_must_set_up_a_second_factor(world: World, ask: Ask) -> None:
    nora, portal = await world.mssp_admin(), await world.portal()
    people = [await world.user(portal) for _ in range(2)]
    await world.user(portal, mfa_enrolled=True)
    await world.user(portal, status=Status.SUSPENDED)

    preview = await previewed(ask, nora, portal, mfaRequired=True)
    await changed(ask, nora, portal, mfaRequired=True)

    replies = [await ask("{ viewer { mustEnrollMfa } }", actor=person) for person in people]
    assert preview == {"MUST_ENROLL_MFA": 2}
    assert [reply.data["viewer"] for reply in replies] == [{"mustEnrollMfa": True}] * 2


async def test_users_that_one_more_wrong_password_locks_out(world: World, ask: Ask) -> None:  # T7
    nora, portal = await world.mssp_admin(), await world.portal()
    people = [await world.user(portal, password=PASSWORD) for _ in range(3)]
    for person, failures in zip(people, (1, 2, 3), strict=True):
        for _ in range(failures):
            await sign_in(ask, person.login, "not the password at all", portal.slug)

    preview = await previewed(ask, nora, portal, lockoutThreshold=3)
    await changed(ask, nora, portal, lockoutThreshold=3)
    for person in people:
        await sign_in(ask, person.login, "not the password at all", portal.slug)

    assert preview == {"LOCKED_OUT_AT_NEXT_FAILURE": 2}
    assert await with_status(portal, Status.LOCKED_OUT) == 2


async def test_a_preview_changes_nothing_and_a_milder_policy_affects_no_user(world: World, ask: Ask) -> None:
    nora, portal = await world.mssp_admin(), await world.portal()
    await world.user(portal, status=Status.DEACTIVATED)
    await ask("{ viewer { id } }", actor=nora)
    before = await everything()

    mild = await previewed(ask, nora, portal, idleSuspendDays=None, deactivatedRetentionDays=90, lockoutThreshold=50)
    same = await previewed(ask, nora, portal)

    assert (mild, same) == ({}, {})
    assert await everything() == before


async def test_a_preview_takes_as_many_statements_for_one_user_as_for_many(world: World, ask: Ask) -> None:
    nora, few, many = await world.mssp_admin(), await world.portal(), await world.portal()
    for portal, number in ((few, 1), (many, 40)):
        await world.users(number, portal, enabled_at=world.clock.now() - timedelta(days=60))
    settings: dict[str, Any] = {
        "idleSuspendDays": 30,
        "deactivatedRetentionDays": 1,
        "passwordMaxAgeDays": 1,
        "mfaRequired": True,
        "lockoutThreshold": 3,
        "lockoutMinutes": 1,
        "seatMode": "ON_INVITE",
        "maxAdmins": 1,
    }
    await previewed(ask, nora, few, **settings)

    with statements() as for_one:
        one = await previewed(ask, nora, few, **settings)
    with statements() as for_many:
        all_of_them = await previewed(ask, nora, many, **settings)

    assert (one["SUSPENDED_AS_IDLE"], all_of_them["SUSPENDED_AS_IDLE"]) == (1, 40)
    assert len(for_one) == len(for_many) <= 2 + len(PolicyEffectKind)


async def test_a_preview_refuses_what_the_change_refuses(world: World, ask: Ask) -> None:
    nora, portal = await world.mssp_admin(), await world.portal()

    assert await faults_of(ask, nora, portal, lockoutThreshold=0, mfaRequired=None) == [
        ("INVALID_INPUT", "lockoutThreshold"),
        ("INVALID_INPUT", "mfaRequired"),
    ]
    assert await faults_of(ask, await world.portal_admin(portal), portal) == [("NOT_ALLOWED", None)]
