"""The migrated template database, made once for all processes of a run. Each test gets a copy."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from models.db.database import database
from models.db.migrate import migrate
from models.housekeeping import tasks as housekeeping_tasks
from models.housekeeping.tasks import TaskRow
from rules.housekeeping import Task

FIRST_KNOWN = datetime(2026, 3, 1, 9, tzinfo=UTC)
"""The time at which housekeeping's tasks were registered in the tests' databases. The tests' clocks begin at that time.
"""


async def migrated(url: str) -> None:
    """Give the blank database at `url` its tables."""
    async with database(url):
        await migrate()
        await housekeeping_tasks.register([TaskRow(task, FIRST_KNOWN) for task in Task])


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder's lock. Another process of the run waits, and then finds the finished template."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
