"""Idle users are suspended at the exact second, and only if the portal's policy says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models.tables import Portal
from rules.housekeeping import Task
from rules.lifecycle.statuses import Status, StatusReason
from services.admin.doctor import find_wrong_values
from tests.services.housekeeping.running import A_SECOND, A_WEEK, DAYS, swept, warned
from tests.support.world import Ask, TestClock, World


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.AWAITING_NEW_PASSWORD, Status.RECOVERY, Status.LOCKED_OUT])
async def test_a_user_is_suspended_after_ninety_idle_days_and_not_a_second_before(
    world: World, clock: TestClock, status: Status
) -> None:  # T10, T11, event table: idle too long
    bob = await world.user(await world.portal(lockout_minutes=None), status=status)
    clock.advance(DAYS - A_WEEK)
    first = await swept(world)
    clock.advance(A_WEEK - A_SECOND)
    early = await swept(world)
    clock.advance(A_SECOND)

    in_time = await swept(world)

    assert (first, early, in_time) == ({Task.WARN_IDLE: 1}, {}, {Task.SUSPEND_IDLE: 1})
    row = await world.row(bob)
    assert row
    assert (row.status, row.status_reason) == (Status.SUSPENDED, StatusReason.IDLE)
    assert row.resume_status == (Status.ACTIVE if status is Status.LOCKED_OUT else status)
    assert not await find_wrong_values(world.parts.runtime)


@pytest.mark.parametrize("status", [Status.STAGED, Status.PROVISIONED, Status.SUSPENDED, Status.DEACTIVATED])
async def test_only_the_enabled_go_idle(world: World, clock: TestClock, status: Status) -> None:  # T10
    await world.portal(deactivated_retention_days=1000)
    bob = await world.user(status=status)
    await warned(world)
    clock.advance(DAYS)

    assert await swept(world) == {}
    assert await world.status(bob) is status


@pytest.mark.parametrize("days", [1, 30, 10**8])
async def test_the_portal_says_for_how_long_and_null_is_never(world: World, clock: TestClock, days: int) -> None:
    portal, never = await world.portal(idle_suspend_days=days), await world.portal(idle_suspend_days=None)
    bob, eve = await world.user(portal), await world.user(never)
    await warned(world)
    clock.advance(timedelta(days=max(7, min(days, 3000))))

    await swept(world)

    assert await world.status(bob) is (Status.ACTIVE if days > 3000 else Status.SUSPENDED)
    assert await world.status(eve) is Status.ACTIVE


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 1, 15, 1, 30, tzinfo=UTC),  # over Europe's and America's change to summer time
        datetime(2026, 9, 1, 0, 30, tzinfo=UTC),  # and back
        datetime(2028, 1, 31, 23, 59, 59, tzinfo=UTC),  # over the 29th of February
        datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
)
async def test_ninety_days_are_ninety_times_twenty_four_hours_whatever_the_calendar_does(
    world: World, clock: TestClock, start: datetime
) -> None:
    clock.time = start
    bob = await world.user()
    await warned(world)
    clock.advance(DAYS - A_SECOND)
    await swept(world)
    before = await world.status(bob)
    clock.advance(A_SECOND)
    await swept(world)

    assert (before, await world.status(bob)) == (Status.ACTIVE, Status.SUSPENDED)


async def test_a_sign_in_and_a_return_into_the_enabled_begin_the_ninety_days_anew(
    world: World, ask: Ask, clock: TestClock
) -> None:  # event table: max(last sign-in, last entry into ENABLED)
    ann, bob, eve, kim = await world.mssp_admin(), await world.user(), await world.user(), await world.user()
    await warned(world)
    clock.advance(timedelta(days=60))
    await world.token(bob)
    await ask.act("lockUsers", ann, eve)
    clock.advance(timedelta(days=5))
    await ask.act("unlockUsers", await world.mssp_admin(), eve)
    clock.advance(timedelta(days=25))

    assert await swept(world) == {Task.SUSPEND_IDLE: 1}

    assert [await world.status(person) for person in (bob, eve, kim)] == [
        Status.ACTIVE,
        Status.ACTIVE,
        Status.SUSPENDED,
    ]
    assert await swept(world) == {}
    clock.advance(timedelta(days=53))
    assert (await swept(world))[Task.WARN_IDLE] == 1
    clock.advance(A_WEEK)
    assert (await swept(world))[Task.SUSPEND_IDLE] == 1
    assert (await world.status(bob), await world.status(eve)) == (Status.SUSPENDED, Status.ACTIVE)


async def test_the_last_enabled_admin_never_goes_idle(world: World, clock: TestClock) -> None:
    portal = await world.portal()
    admins = [await world.portal_admin(portal) for _ in range(3)]
    await warned(world)
    clock.advance(DAYS)

    first, second = await swept(world), await swept(world)

    assert (first, second) == ({Task.SUSPEND_IDLE: 2}, {})
    assert [await world.status(admin) for admin in admins].count(Status.ACTIVE) == 1
    assert (await Portal.get(id=portal.id)).enabled_admins == 1


async def test_an_idle_suspension_ends_the_sessions_and_is_logged_without_an_actor(
    world: World, ask: Ask, clock: TestClock
) -> None:
    ann, bob = await world.mssp_admin(), await world.user()
    await warned(world)
    clock.advance(DAYS)

    await swept(world)

    (event,) = (
        await ask("{ auditLog { nodes { event actor { id } userId changes { field after } } } }", actor=ann)
    ).data["auditLog"]["nodes"]
    assert (event["event"], event["actor"], event["userId"]) == ("USER_SUSPENDED_AS_IDLE", None, bob.gid)
    assert {"field": "statusReason", "after": "IDLE"} in event["changes"]
