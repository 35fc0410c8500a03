"""Durations, and functions that run the housekeeping, for several tests of the housekeeping."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from models.tables import PortalUser
from rules.housekeeping import Task
from services.housekeeping.run import Housekeeping
from tests.support.world import World

A_SECOND, A_DAY, A_WEEK = timedelta(seconds=1), timedelta(days=1), timedelta(days=7)

DAYS = timedelta(days=90)

CHECKPOINTS = (Task.SIGN_CHECKPOINTS, Task.DROP_CHECKPOINTS)


async def swept(world: World, **given: Any) -> dict[Task, int]:
    """Run the housekeeping. Return the number for each task that did something.

    The tasks for checkpoints are left out, because every audit event causes a checkpoint.
    """
    report = await Housekeeping(world.parts.runtime, **given).run()
    assert report is not None, "another process is at it"
    assert not report.failed, report.failed
    return {task: number for task, number in report.done.items() if number and task not in CHECKPOINTS}


async def warned(world: World) -> None:
    """Record for all users that the idle warning was sent just now."""
    await PortalUser.all().update(idle_warned_at=world.clock.now())
