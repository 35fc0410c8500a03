"""Users are warned by mail a week before they are suspended as idle."""

from __future__ import annotations

import pytest

from models.tables import AuditEvent, OutboxMail, Portal, PortalUser
from rules.housekeeping import Task
from rules.lifecycle.statuses import Status
from tests.services.housekeeping.running import A_DAY, A_SECOND, A_WEEK, DAYS, swept
from tests.support.world import TestClock, World


async def test_a_week_before_suspension_a_user_is_warned_once_by_mail_and_in_the_audit_log(
    world: World, clock: TestClock
) -> None:
    bob, unproved = await world.user(email="bob@acme.test"), await world.user()
    await PortalUser.filter(id=unproved.id).update(email_verified_at=None)
    since = clock.now()
    clock.advance(DAYS - A_WEEK - A_SECOND)
    early = await swept(world)
    clock.advance(A_SECOND)

    runs = [await swept(world) for _ in range(3)]

    assert (early, runs) == ({}, [{Task.WARN_IDLE: 2}, {}, {}])
    (mail,) = await OutboxMail.all()
    assert (mail.user_id, mail.kind, mail.recipient) == (bob.id, "IDLE_WARNING", "bob@acme.test")  # type: ignore[attr-defined]  # Tortoise adds it
    assert mail.deadline == since + DAYS
    events = await AuditEvent.all()
    assert {(event.event, event.user_id) for event in events} == {
        ("user.warned_as_idle", bob.id),
        ("user.warned_as_idle", unproved.id),
    }


async def test_users_who_come_back_and_are_idle_again_are_warned_again(world: World, clock: TestClock) -> None:
    bob = await world.user()
    for _ in range(2):
        clock.advance(DAYS - A_DAY)
        await swept(world)
        await world.token(bob)

    assert await AuditEvent.filter(user_id=bob.id, event="user.warned_as_idle").count() == 2


async def test_after_weeks_without_housekeeping_warnings_precede_suspensions_by_a_week(
    world: World, clock: TestClock
) -> None:
    bob = await world.user()
    clock.advance(2 * DAYS)
    first = await swept(world)
    clock.advance(A_WEEK - A_SECOND)
    early = await swept(world)
    clock.advance(A_SECOND)

    assert (first, early, await swept(world)) == ({Task.WARN_IDLE: 1}, {}, {Task.SUSPEND_IDLE: 1})
    (mail,) = await OutboxMail.all()
    assert mail.deadline == clock.now()
    assert await world.status(bob) is Status.SUSPENDED


async def test_the_last_enabled_admin_is_not_warned(world: World, clock: TestClock) -> None:
    await world.portal_admin()
    clock.advance(DAYS)

    assert await swept(world) == {}


@pytest.mark.parametrize("days", [1, 7])
async def test_a_short_policy_warns_after_a_day_and_suspends_a_week_later(
    world: World, clock: TestClock, days: int
) -> None:
    await world.user(await world.portal(idle_suspend_days=days))
    clock.advance(A_DAY - A_SECOND)
    early = await swept(world)
    clock.advance(A_SECOND)
    first = await swept(world)
    clock.advance(A_WEEK)

    assert (early, first, await swept(world)) == ({}, {Task.WARN_IDLE: 1}, {Task.SUSPEND_IDLE: 1})


async def test_users_of_a_portal_that_was_inactive_are_warned_before_they_are_suspended(
    world: World, clock: TestClock
) -> None:
    portal = await world.portal()
    await world.user(portal)
    clock.advance(DAYS - A_WEEK)
    before = await swept(world)
    await Portal.filter(id=portal.id).update(is_active=False)
    clock.advance(DAYS)
    closed = await swept(world)
    await Portal.filter(id=portal.id).update(is_active=True)
    opened = await swept(world)
    clock.advance(A_WEEK)

    assert (before, opened) == ({Task.WARN_IDLE: 1}, {Task.WARN_IDLE: 1})
    assert Task.SUSPEND_IDLE not in closed
    assert await swept(world) == {Task.SUSPEND_IDLE: 1}
