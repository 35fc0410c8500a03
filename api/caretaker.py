"""Housekeeping inside the server: whichever process comes first does it, once an hour, for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog

from api.masking import frames_of, kind_of
from models.database_errors import unavailable
from services.housekeeping import Housekeeping

POLL = timedelta(minutes=1)
"""How often a process looks whether it is time; also how long it waits after the start, when everybody asks at once."""

GRACE = timedelta(seconds=10)
"""How long the batch in hand may take at shutdown."""

log = structlog.get_logger(__name__)


class Caretaker:
    """Does the housekeeping whenever it is due, until it is stopped."""

    def __init__(self, housekeeping: Housekeeping, *, jitter: Callable[[], float], poll: timedelta = POLL) -> None:
        self._housekeeping = housekeeping
        self._jitter = jitter
        self._poll = poll
        self._stopping = asyncio.Event()

    @asynccontextmanager
    async def running(self, grace: timedelta = GRACE) -> AsyncIterator[None]:
        """Works for as long as the body runs, then finishes the batch in hand; the rest is for the next process."""
        rounds = asyncio.create_task(self._rounds(), name="housekeeping")
        try:
            yield
        finally:
            self._stopping.set()
            _, late = await asyncio.wait([rounds], timeout=grace.total_seconds())
            if late:
                log.warning("housekeeping cut off at shutdown")
                rounds.cancel()
            await asyncio.gather(rounds, return_exceptions=True)

    async def look_in(self) -> None:
        """Does the housekeeping if it is due and nobody is at it; what goes wrong is logged, and tried again later."""
        try:
            if not await self._housekeeping.is_due():
                return
            done = await self._housekeeping.run(is_stopping=self._stopping.is_set)
        except Exception as error:
            if unavailable(error):
                log.warning("housekeeping waits for the database")
            else:
                log.error("housekeeping stumbled", exception=kind_of(error), frames=frames_of(error))
            return
        if done is not None:
            log.info("housekeeping", **{str(chore): number for chore, number in done.items() if number})

    async def _rounds(self) -> None:
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll.total_seconds() * (1 + self._jitter()) / 2):
                    await self._stopping.wait()
                return
            await self.look_in()
