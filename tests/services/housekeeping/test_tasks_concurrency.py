"""Housekeeping by several processes, stopped processes, and clocks that are set back."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from models.housekeeping import leases
from models.tables import AuditEvent, Lease
from rules.housekeeping import Task
from rules.lifecycle.statuses import Status
from services.admin.doctor import find_wrong_values
from services.housekeeping.run import EVERY, LEASE, NAME, Housekeeping
from services.housekeeping.tasks import TaskRunner
from tests.services.housekeeping.running import A_SECOND, DAYS, swept, warned
from tests.support.world import TestClock, World


async def test_a_clock_that_is_set_back_suspends_revives_and_warns_no_user(world: World, clock: TestClock) -> None:
    bob, eve = await world.user(), await world.user(status=Status.DEACTIVATED)
    await warned(world)
    clock.advance(DAYS)
    await swept(world)
    clock.advance(-DAYS)
    kim = await world.user()

    assert await swept(world) == {}
    assert [await world.status(person) for person in (bob, kim)] == [Status.SUSPENDED, Status.ACTIVE]
    assert await world.row(eve) is None


async def test_a_lease_of_a_clock_that_was_ahead_does_not_hang_for_ever(world: World, clock: TestClock) -> None:
    clock.advance(timedelta(days=400))
    assert await leases.take(NAME, world.parts.runtime.new_id(), clock.now(), clock.now() + LEASE)
    clock.advance(-timedelta(days=400))

    assert await Housekeeping(world.parts.runtime).run() is not None
    assert not await Housekeeping(world.parts.runtime).is_due()
    clock.advance(-timedelta(days=30))
    assert await Housekeeping(world.parts.runtime).is_due()


async def test_it_is_due_once_an_hour(world: World, clock: TestClock) -> None:
    chores = Housekeeping(world.parts.runtime)
    first = await chores.is_due()
    await chores.run()
    clock.advance(EVERY - A_SECOND)
    early = await chores.is_due()
    clock.advance(A_SECOND)

    assert (first, early, await chores.is_due()) == (True, False, True)


async def test_of_two_runners_at_once_one_does_it_and_each_user_once(world: World, clock: TestClock) -> None:
    people = await world.users(40)
    await warned(world)
    clock.advance(DAYS)

    answers = await asyncio.gather(*(Housekeeping(world.parts.runtime, batch=5).run() for _ in range(2)))

    (done,) = [answer for answer in answers if answer is not None]
    assert done.done[Task.SUSPEND_IDLE] == len(people)
    assert await AuditEvent.filter(event="user.suspended_as_idle").count() == len(people)
    assert not await find_wrong_values(world.parts.runtime)


async def test_even_two_that_both_think_they_hold_the_lease_suspend_each_user_once(
    world: World, clock: TestClock
) -> None:
    people = await world.users(40)
    await warned(world)
    clock.advance(DAYS)

    await asyncio.gather(stealing(world), stealing(world))
    await swept(world)

    assert await AuditEvent.filter(event="user.suspended_as_idle").count() == len(people)
    assert not await find_wrong_values(world.parts.runtime)


async def stealing(world: World) -> None:
    """Run the housekeeping although another run has the lease."""
    await Lease.filter(name=NAME).delete()
    await Housekeeping(world.parts.runtime, batch=3).run()


async def test_one_that_was_killed_between_batches_is_resumed_when_its_lease_has_run_out(
    world: World, clock: TestClock
) -> None:
    people = await world.users(20)
    await warned(world)
    clock.advance(DAYS)

    class Killed(BaseException):
        pass

    def die(task: Task, done: int) -> None:
        if done == 10:
            raise Killed

    holder = world.parts.runtime.new_id()
    with pytest.raises(Killed):
        await Housekeeping(world.parts.runtime, batch=5).run(die)
    await leases.take(NAME, holder, clock.now(), clock.now() + LEASE)  # as a process that was killed leaves it
    half = [await world.status(person) for person in people].count(Status.SUSPENDED)
    at_once = await Housekeeping(world.parts.runtime).run()
    clock.advance(LEASE)

    resumed = await swept(world)

    assert (half, at_once, resumed) == (10, None, {Task.SUSPEND_IDLE: 10})
    assert await AuditEvent.filter(event="user.suspended_as_idle").count() == len(people)


async def test_one_that_is_stopped_leaves_the_rest_to_the_next(world: World, clock: TestClock) -> None:
    await world.users(20)
    await warned(world)
    clock.advance(DAYS)

    first = await Housekeeping(world.parts.runtime, batch=5).run(is_stopping=lambda: True)

    assert first
    assert sum(first.done.values()) == 5
    assert await Housekeeping(world.parts.runtime).is_due()
    assert await swept(world) == {Task.SUSPEND_IDLE: 15}


async def test_users_of_several_portals_go_in_batches_each_within_a_portal(world: World, clock: TestClock) -> None:
    for _ in range(3):
        await world.users(7, await world.portal())
    await warned(world)
    clock.advance(DAYS)

    assert await swept(world, batch=5) == {Task.SUSPEND_IDLE: 21}
    assert not await find_wrong_values(world.parts.runtime)


async def test_a_user_who_signs_in_just_before_suspension_stays_active(world: World, clock: TestClock) -> None:
    people = await world.users(2)
    await warned(world)
    clock.advance(DAYS)
    tasks = TaskRunner(world.parts.runtime)
    batch = await tasks.due(Task.SUSPEND_IDLE, 90, None, 1)
    (found,) = batch
    await world.token(next(person for person in people if person.id == found.id))

    done = await tasks.change_in_portal(Task.SUSPEND_IDLE, found.portal_id, [found.id])

    assert done == 0
    assert Status.ACTIVE in [await world.status(person) for person in people]
