"""Locks end, and deactivated users are erased, after the time in the portal's policy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.tables import AuditEvent, PortalUser
from rules.housekeeping import Task
from rules.lifecycle.statuses import Status, StatusReason
from services.admin.doctor import find_wrong_values
from services.housekeeping.run import Housekeeping
from tests.services.housekeeping.running import A_DAY, A_SECOND, DAYS, swept, warned
from tests.support.databases.stored import everything, places_of
from tests.support.world import Ask, TestClock, World


@pytest.mark.parametrize("resume", [Status.ACTIVE, Status.RECOVERY])
async def test_a_lock_ends_when_its_minutes_are_over(
    world: World, clock: TestClock, resume: Status
) -> None:  # T7, event table: the lock's minutes are over
    portal, until_unlocked = await world.portal(lockout_minutes=30), await world.portal(lockout_minutes=None)
    reason = StatusReason.RESET_REQUESTED_BY_ADMIN if resume is Status.RECOVERY else None
    bob = await world.user(portal, status=Status.LOCKED_OUT, resume_status=resume, resume_reason=reason)
    eve = await world.user(until_unlocked, status=Status.LOCKED_OUT)
    clock.advance(timedelta(minutes=30) - A_SECOND)
    early = await swept(world)
    clock.advance(A_SECOND)

    assert (early, await swept(world)) == ({}, {Task.END_LOCKS: 1})

    row = await world.row(bob)
    assert row
    assert (row.status, row.status_reason, row.resume_status) == (resume, reason, None)
    assert await world.status(eve) is Status.LOCKED_OUT
    assert not await find_wrong_values(world.parts.runtime)


async def test_deactivated_users_are_erased_without_a_trace_after_their_retention(
    world: World, ask: Ask, clock: TestClock
) -> None:  # K31, K32, event table: retention over
    portal = await world.portal(deactivated_retention_days=30, idle_suspend_days=None)
    ann, bob = await world.mssp_admin(), await world.user(portal, first_name="Zebedee", email="zebedee@acme.test")
    waiting = await world.user(portal, status=Status.DEACTIVATED, status_reason=StatusReason.WAITING_FOR_SEAT)
    await ask.act("resetPasswords", ann, bob)
    await ask(
        'mutation ($id: ID!) { updateUser(input: {id: $id, lastName: "Zimmer"}) { errors { code } } }',
        actor=ann,
        id=bob.gid,
    )
    await ask.act("deactivateUsers", ann, bob)
    clock.advance(timedelta(days=30) - A_SECOND)
    early = await swept(world)
    clock.advance(A_SECOND)

    in_time = await swept(world)

    assert Task.ERASE_DEACTIVATED not in early
    assert in_time[Task.ERASE_DEACTIVATED] == 1
    assert await world.row(bob) is None
    assert await places_of("zebedee", "zimmer") == []
    assert await world.status(waiting) is Status.DEACTIVATED
    last = await AuditEvent.filter(user_id=bob.id).order_by("-id").first()
    assert last
    assert (last.event, last.actor_id) == ("user.erased", None)
    assert not await find_wrong_values(world.parts.runtime)


async def test_erasure_follows_the_portal_s_policy(world: World, clock: TestClock) -> None:  # K31
    short, long = await world.portal(deactivated_retention_days=0), await world.portal(deactivated_retention_days=365)
    bob, eve = [await world.user(place, status=Status.DEACTIVATED) for place in (short, long)]
    clock.advance(timedelta(days=364))

    await swept(world)

    assert (await world.row(bob), await world.status(eve)) == (None, Status.DEACTIVATED)


async def test_looking_counts_what_a_run_would_do_and_changes_nothing(world: World, clock: TestClock) -> None:
    portal = await world.portal(lockout_minutes=30)
    await world.users(3, portal)
    await world.users(2, portal, status=Status.DEACTIVATED)
    await world.user(portal, status=Status.LOCKED_OUT)
    await warned(world)
    clock.advance(DAYS)
    before = await everything()

    seen = {task: n for task, n in (await Housekeeping(world.parts.runtime).preview()).done.items() if n}

    assert await everything() == before
    assert seen == {Task.END_LOCKS: 1, Task.SUSPEND_IDLE: 4, Task.ERASE_DEACTIVATED: 2}
    # The lock ends first, which is an entry into nothing new: the user is idle all the same.
    assert await swept(world) == seen


@pytest.mark.parametrize("away", [(90, 90, 90), (90, 90, 0), (90, 90, 85), (90, 85, 85), (85,), (90,), (85, 0)])
async def test_looking_counts_no_last_admin_as_idle_or_to_be_warned(
    world: World, clock: TestClock, away: tuple[int, ...]
) -> None:
    for portal in (await world.portal(), await world.portal()):
        await world.users(2, portal)
        for days in away:
            admin = await world.portal_admin(portal)
            warned_at = clock.now() if days == DAYS.days else None
            await PortalUser.filter(id=admin.id).update(
                idle_since=clock.now() + DAYS - days * A_DAY, idle_warned_at=warned_at
            )
    await PortalUser.filter(role="PORTAL_USER").update(idle_warned_at=clock.now())
    clock.advance(DAYS)

    seen = {task: n for task, n in (await Housekeeping(world.parts.runtime).preview()).done.items() if n}

    assert await swept(world) == seen
    assert not any((await Housekeeping(world.parts.runtime).preview()).done.values())
