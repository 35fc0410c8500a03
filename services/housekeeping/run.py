"""A run of housekeeping: all tasks, one after another. A lease ensures that only one process does a run at a time.

A run can be interrupted. Every batch is a separate transaction that reads its rows again, so the next run does the
remaining work. If a task fails, the other tasks still run.
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
"""A callback that receives a task, and the number of users or rows that the task has changed so far."""


class _Interrupted(Exception):
    """Raised to end a run early, because this process stops or has lost the lease."""


@dataclass(slots=True)
class HousekeepingReport:
    """The result of a run.

    - `done`: the number of changed users or rows of each task.
    - `failed`: the error of each task that failed.
    - `held`: the new tasks that did not run because they are still delayed, each with the end of the delay.
    """

    done: dict[Task, int] = field(default_factory=lambda: dict.fromkeys(Task, 0))
    failed: dict[Task, Exception] = field(default_factory=dict)
    held: dict[Task, datetime] = field(default_factory=dict)


class Housekeeping:
    """Runs housekeeping in one process. `batch` is the maximum number of users or rows in one transaction."""

    def __init__(self, runtime: Runtime, *, batch: int = BATCH) -> None:
        self._runtime = runtime
        self._tasks = TaskRunner(runtime, batch)

    async def register(self) -> None:
        """Insert a row for each task that the database does not know yet, such as a task of a new version.

        If the database contains users, the first run of a new task in HELD_WHEN_NEW is delayed by HELD_FOR.
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
        """End the delay of all delayed tasks, so that the next run does them."""
        await self.register()
        await self._runtime.transactions.run(lambda: housekeeping_tasks.release(list(Task)))

    async def is_due(self) -> bool:
        """Return whether at least EVERY has passed since the last complete run.

        A last run in the future is ignored: the clock of the server that did this run was ahead.
        """
        last, now = await leases.finished_at(NAME), self._runtime.now()
        return last is None or last > now or last + EVERY <= now

    async def preview(self) -> HousekeepingReport:
        """Count the users or rows that each task would change, delayed tasks included. Nothing is written."""
        suspended, now = Counter[UUID](), self._runtime.now()
        report = HousekeepingReport(held=_held(await housekeeping_tasks.known(), now))
        for task in Task:
            report.done[task] = await self._tasks.count(task, suspended)
        return report

    async def run(
        self, progress: Progress = lambda task, done: None, is_stopping: Callable[[], bool] = lambda: False
    ) -> HousekeepingReport | None:
        """Do every task and return the report. Return None if another process holds the lease.

        The run ends early if `is_stopping` returns True or the lease is lost. The next run does the remaining work.
        Errors of a task are stored in the report. An error is raised only if the database cannot be reached.
        """
        await self.register()
        holder = self._runtime.new_id()
        if not await self._runtime.transactions.run(partial(self._take_lease, holder)):
            return None
        report = HousekeepingReport(held=_held(await housekeeping_tasks.known(), self._runtime.now()))

        async def advance(task: Task, more: int) -> None:
            report.done[task] += more
            progress(task, report.done[task])
            if is_stopping() or not await self._runtime.transactions.run(partial(self._prolong_lease, holder)):
                raise _Interrupted

        is_complete = False
        try:
            for task in Task:
                if not await self._runtime.transactions.run(partial(self._prolong_lease, holder)):
                    raise _Interrupted
                await self._attempt(task, report, partial(advance, task))
            is_complete = True
        except _Interrupted:
            pass
        finally:
            await self._runtime.transactions.run(partial(self._release_lease, holder, is_complete=is_complete))
        return report

    async def _attempt(self, task: Task, report: HousekeepingReport, advance: Advance) -> None:
        try:
            if task not in report.held:
                await self._tasks.run_task(task, advance)
            await self._runtime.transactions.run(lambda: housekeeping_tasks.note_success(task, self._runtime.now()))
        except _Interrupted:
            raise
        except Exception as error:
            if not await healthy():
                raise
            report.failed[task] = error

    async def _take_lease(self, holder: UUID) -> bool:
        now = self._runtime.now()
        return await leases.take(NAME, holder, now, now + LEASE)

    async def _prolong_lease(self, holder: UUID) -> bool:
        return await leases.prolong(NAME, holder, self._runtime.now() + LEASE)

    async def _release_lease(self, holder: UUID, *, is_complete: bool) -> None:
        at: datetime | None = self._runtime.now() if is_complete else None
        await leases.release(NAME, holder, at)


def _held(known: dict[str, TaskRow], at: datetime) -> dict[Task, datetime]:
    """Return the tasks that are delayed at `at`, each with the end of its delay.

    A delay that ends later than HELD_FOR after `at` is ignored: the clock of the server that stored it was ahead.
    """
    rows = {task: known[task].held_until for task in Task if task in known}
    return {task: until for task, until in rows.items() if until is not None and at < until <= at + HELD_FOR}
