"""What the housekeeping tests share: durations, and runs that report what they did."""

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
    """What a run did; only what it did at all.

    Checkpoints are left out: every task that writes audit events causes one.
    """
    report = await Housekeeping(world.parts.runtime, **given).run()
    assert report is not None, "another process is at it"
    assert not report.failed, report.failed
    return {task: number for task, number in report.done.items() if number and task not in CHECKPOINTS}


async def warned(world: World) -> None:
    """All users have been warned that they are idle, just now."""
    await PortalUser.all().update(idle_warned_at=world.clock.now())
