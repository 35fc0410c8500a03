"""A run of the housekeeping: tasks that fail, batches that time out, and tasks that are held back."""

from __future__ import annotations

from datetime import timedelta

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest

from models.db.sql import Sql, write
from models.housekeeping import tasks as housekeeping_tasks
from models.tables import (
    BulkOperation,
    BulkOutcome,
    HousekeepingTask,
    PortalUser,
)
from rules.housekeeping import HELD_FOR, HELD_WHEN_NEW, Task
from rules.lifecycle.statuses import Status
from services.housekeeping.run import Housekeeping
from services.housekeeping.tasks import TaskRunner
from tests.services.housekeeping.running import swept
from tests.support.world import Ask, TestClock, World


async def test_a_task_that_fails_stops_no_other_and_is_reported(world: World, clock: TestClock) -> None:
    await write(Sql("DROP TABLE reset_request"))
    await write(Sql("DROP TABLE recipient_mail"))
    bob = await world.user(status=Status.DEACTIVATED)
    clock.advance(timedelta(days=30))

    report = await Housekeeping(world.parts.runtime).run()

    assert report
    assert set(report.failed) == {Task.DROP_RESET_REQUESTS, Task.DROP_MAIL_COUNTS}
    assert await world.row(bob) is None
    succeeded = {name for name, row in (await housekeeping_tasks.known()).items() if row.succeeded_at == clock.now()}
    assert succeeded == set(Task) - set(report.failed)
    assert not await Housekeeping(world.parts.runtime).is_due()


async def test_a_batch_that_times_out_is_halved_until_it_passes(world: World) -> None:
    sizes, left = list[int](), [7]

    async def step(size: int) -> tuple[int, bool]:
        sizes.append(size)
        if size > 2:
            raise asyncpg.QueryCanceledError("statement timeout")
        done = min(size, left[0])
        left[0] -= done
        return done, left[0] > 0

    async def advance(more: int) -> None:
        """Ignore the progress."""

    await TaskRunner(world.parts.runtime, batch=8).in_batches(Task.DROP_LINKS, step, advance)

    assert sizes == [8, 4, 2, 2, 2, 2]


async def test_a_batch_of_one_that_times_out_fails_its_task(world: World) -> None:
    async def step(size: int) -> tuple[int, bool]:
        raise asyncpg.QueryCanceledError("statement timeout")

    async def advance(more: int) -> None:
        """Ignore the progress."""

    with pytest.raises(asyncpg.QueryCanceledError):
        await TaskRunner(world.parts.runtime, batch=8).in_batches(Task.DROP_LINKS, step, advance)


async def test_rows_that_refer_to_expired_ones_are_dropped_in_batches_of_their_own(
    world: World, ask: Ask, clock: TestClock
) -> None:
    await world.portal(idle_suspend_days=None)
    ann, people = await world.mssp_admin(), await world.users(7)
    await ask.act("lockUsers", ann, *people, dryRun=True)
    clock.advance(timedelta(days=2))
    tasks, batches = TaskRunner(world.parts.runtime, batch=3), list[int]()

    async def advance(more: int) -> None:
        batches.append(await BulkOutcome.all().count())

    await tasks.run_task(Task.DROP_PREVIEWS, advance)

    dropped = [before - after for before, after in zip([7, *batches], batches, strict=False)]
    assert (sum(dropped), max(dropped)) == (7, 3)
    assert not await BulkOperation.exists()


async def test_the_first_start_after_an_upgrade_takes_nothing_away(world: World, clock: TestClock) -> None:
    await HousekeepingTask.all().delete()
    bob, eve = await world.user(), await world.user(status=Status.DEACTIVATED)
    await PortalUser.all().update(idle_warned_at=clock.now())
    clock.advance(timedelta(days=90))

    first = await Housekeeping(world.parts.runtime).run()
    clock.advance(HELD_FOR - timedelta(seconds=1))
    await swept(world)
    before = (await world.status(bob), await world.status(eve))
    clock.advance(timedelta(seconds=1))
    await swept(world)

    assert first
    assert set(first.held) == HELD_WHEN_NEW
    assert before == (Status.ACTIVE, Status.DEACTIVATED)
    assert (await world.status(bob), await world.row(eve)) == (Status.SUSPENDED, None)


async def test_an_operator_who_has_looked_releases_what_is_held_back(world: World, clock: TestClock) -> None:
    await HousekeepingTask.all().delete()
    eve = await world.user(status=Status.DEACTIVATED)
    clock.advance(timedelta(days=30))
    tasks = Housekeeping(world.parts.runtime)
    await tasks.run()
    await tasks.release()

    await tasks.run()

    assert await world.row(eve) is None


async def test_nothing_is_held_back_in_a_new_database(world: World) -> None:
    await HousekeepingTask.all().delete()

    await Housekeeping(world.parts.runtime).register()

    assert {row.held_until for row in (await housekeeping_tasks.known()).values()} == {None}
