"""A clock that a test moves by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from api.core.clock import Clock


class TestClock(Clock):
    """Stands still until it is moved."""

    __test__ = False

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, by: timedelta) -> None:
        self.time += by

    async def sleep(self, duration: timedelta) -> None:
        """Let others run for a moment; this clock stands still."""
        await asyncio.sleep(0.01)
