"""The hourly housekeeping inside the server.

If the server has several processes, only one of them at a time does the housekeeping.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog

from api.core.exceptions import trace_of
from models.db.database_errors import reason, unavailable
from services.housekeeping.run import Housekeeping

POLL = timedelta(minutes=1)
"""The maximum time between two checks whether the housekeeping must run.

The first check comes at most this time after the start of the server.
"""

GRACE = timedelta(seconds=10)
"""The maximum time that a shutdown waits for the batch that is being written."""

log = structlog.get_logger(__name__)


class HousekeepingLoop:
    """Checks repeatedly whether a run of the housekeeping is due, and does the run in this process.

    The pause between two checks is random, from half of `poll` to `poll`, so processes check at different times.
    `jitter` returns a random number from 0 to 1.
    """

    def __init__(self, housekeeping: Housekeeping, *, jitter: Callable[[], float], poll: timedelta = POLL) -> None:
        self._housekeeping = housekeeping
        self._jitter = jitter
        self._poll = poll
        self._stopping = asyncio.Event()

    @asynccontextmanager
    async def running(self, grace: timedelta = GRACE) -> AsyncIterator[None]:
        """Run the loop while the body of the `with` statement runs. Then wait at most `grace` for the current batch.

        A batch that takes longer is cancelled. A later run does the remaining batches.
        """
        rounds = asyncio.create_task(self._rounds(), name="housekeeping")
        try:
            yield
        finally:
            self._stopping.set()
            _, late = await asyncio.wait([rounds], timeout=grace.total_seconds())
            if late:
                log.warning("housekeeping.interrupted")
                rounds.cancel()
            await asyncio.gather(rounds, return_exceptions=True)

    async def run_if_due(self) -> None:
        """Run the housekeeping if a run is due and no other process is running it.

        A failure is logged and not raised. The next run tries a failed task again.
        """
        try:
            if not await self._housekeeping.is_due():
                return
            report = await self._housekeeping.run(is_stopping=self._stopping.is_set)
        except Exception as error:
            if unavailable(error):
                log.warning("housekeeping.database_unavailable", cause=reason(error))
            else:
                log.error("housekeeping.failed", **trace_of(error))
            return
        if report is None:
            return
        for task, failure in report.failed.items():
            log.error("housekeeping.task_failed", task=str(task), cause=reason(failure), **trace_of(failure))
        if report.held:
            log.warning("housekeeping.held", **{str(task): until.isoformat() for task, until in report.held.items()})
        log.info("housekeeping.done", **{str(task): number for task, number in report.done.items() if number})

    async def _rounds(self) -> None:
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll.total_seconds() * (1 + self._jitter()) / 2):
                    await self._stopping.wait()
                return
            await self.run_if_due()
