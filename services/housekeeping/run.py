"""Housekeeping: changes that are due by the clock, made by one process at a time.

A run is safe to repeat and to kill. Every batch is a transaction of its own that decides afresh, and the next run finds
what is left. A task that fails does not stop the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from models.db.database import healthy
from models.housekeeping import leases
from models.housekeeping import tasks as housekeeping_tasks
from models.housekeeping.tasks import TaskRow
from rules.housekeeping import HELD_FOR, HELD_WHEN_NEW, Task
from services.housekeeping.tasks import BATCH, Advance, TaskRunner
from services.runtime import Runtime

NAME = leases.HOUSEKEEPING
EVERY = timedelta(hours=1)
LEASE = timedelta(minutes=5)

Progress = Callable[[Task, int], None]
"""Called with a task and how much of it is done."""


class _Interrupted(Exception):
    """The rest is left to the next run: this process stops, or another has the lease."""


@dataclass(slots=True)
class HousekeepingReport:
    """What a run did of each task, which tasks failed and why, and which are held back until when."""

    done: dict[Task, int] = field(default_factory=lambda: dict.fromkeys(Task, 0))
    failed: dict[Task, Exception] = field(default_factory=dict)
    held: dict[Task, datetime] = field(default_factory=dict)


class Housekeeping:
    """The tasks as one process does them. `batch` is the most users or rows in one transaction."""

    def __init__(self, runtime: Runtime, *, batch: int = BATCH) -> None:
        self._runtime = runtime
        self._tasks = TaskRunner(runtime, batch)

    async def register(self) -> None:
        """Note the tasks that this database does not know yet.

        In a database with users those that take something away are held back for HELD_FOR.
        """
        at = self._runtime.now()

        async def write() -> None:
            until = at + HELD_FOR if await housekeeping_tasks.has_users() else None
            await housekeeping_tasks.register(
                [TaskRow(task, at, until if task in HELD_WHEN_NEW else None) for task in Task]
            )

        if set(Task) - set(await housekeeping_tasks.known()):
            await self._runtime.transactions.run(write)

    async def release(self) -> None:
        """Hold no task back any longer."""
        await self.register()
        await self._runtime.transactions.run(lambda: housekeeping_tasks.release(list(Task)))

    async def is_due(self) -> bool:
        """Return whether an hour has passed since the last run; an instant ahead was another clock's."""
        last, now = await leases.finished_at(NAME), self._runtime.now()
        return last is None or last > now or last + EVERY <= now

    async def preview(self) -> HousekeepingReport:
        """Count how much there is to do of each task, held back or not. Changes nothing."""
        suspended, now = Counter[UUID](), self._runtime.now()
        report = HousekeepingReport(held=_held(await housekeeping_tasks.known(), now))
        for task in Task:
            report.done[task] = await self._tasks.count(task, suspended)
        return report

    async def run(
        self, progress: Progress = lambda task, done: None, is_stopping: Callable[[], bool] = lambda: False
    ) -> HousekeepingReport | None:
        """Do every task; None while another process holds the lease.

        Stopped, or without the lease, it leaves the rest to the next run. Raises what the database raises when it
        cannot be reached; any other error of a task is in the report.
        """
        await self.register()
        holder = self._runtime.new_id()
        if not await self._runtime.transactions.run(partial(self._take, holder)):
            return None
        report = HousekeepingReport(held=_held(await housekeeping_tasks.known(), self._runtime.now()))

        async def advance(task: Task, more: int) -> None:
            report.done[task] += more
            progress(task, report.done[task])
            if is_stopping() or not await self._runtime.transactions.run(partial(self._prolong, holder)):
                raise _Interrupted

        finished = False
        try:
            for task in Task:
                if not await self._runtime.transactions.run(partial(self._prolong, holder)):
                    raise _Interrupted
                await self._attempt(task, report, partial(advance, task))
            finished = True
        except _Interrupted:
            pass
        finally:
            await self._runtime.transactions.run(partial(self._give_back, holder, finished=finished))
        return report

    async def _attempt(self, task: Task, report: HousekeepingReport, advance: Advance) -> None:
        try:
            if task not in report.held:
                await self._tasks.do(task, advance)
            await self._runtime.transactions.run(lambda: housekeeping_tasks.note_success(task, self._runtime.now()))
        except _Interrupted:
            raise
        except Exception as error:
            if not await healthy():
                raise
            report.failed[task] = error

    async def _take(self, holder: UUID) -> bool:
        now = self._runtime.now()
        return await leases.take(NAME, holder, now, now + LEASE)

    async def _prolong(self, holder: UUID) -> bool:
        return await leases.prolong(NAME, holder, self._runtime.now() + LEASE)

    async def _give_back(self, holder: UUID, *, finished: bool) -> None:
        at: datetime | None = self._runtime.now() if finished else None
        await leases.release(NAME, holder, at)


def _held(known: dict[str, TaskRow], at: datetime) -> dict[Task, datetime]:
    """The tasks that are held back; no longer than HELD_FOR, whatever a clock that was ahead has stored."""
    rows = {task: known[task].held_until for task in Task if task in known}
    return {task: until for task, until in rows.items() if until is not None and at < until <= at + HELD_FOR}
