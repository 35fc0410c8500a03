"""A clock that a test moves by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from api.core.clock import Clock


class TestClock(Clock):
    """A clock that stands still until a test moves it."""

    __test__ = False

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def milliseconds(self) -> int:
        return (self.time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)

    def advance(self, by: timedelta) -> None:
        self.time += by

    async def sleep(self, duration: timedelta) -> None:
        """Let other tasks run for a moment. The time of the clock does not change."""
        await asyncio.sleep(0.01)
