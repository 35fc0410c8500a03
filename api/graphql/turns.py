"""Turns of heavy operations. Each caller runs a few operations at a time, so that other callers have capacity."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from rules.refusals import Code, Refusal

AT_ONCE = 2
"""Heavy operations of one caller that run at the same time, in one process."""

WAITING = 20
"""Heavy operations of one caller that may wait for their turn. A further operation is refused with RATE_LIMITED."""


class Turns:
    """The turns of one event loop. A caller is an account, or the address of a client that is not signed in."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._at_once = at_once
        self._waiting = waiting
        self._callers: dict[Hashable, _Caller] = {}

    @asynccontextmanager
    async def turn(self, caller: Hashable) -> AsyncIterator[None]:
        """Wait for the caller's turn, then run the body. Raise Refusal(RATE_LIMITED) if too many operations wait."""
        queue = self._callers.get(caller)
        if queue is None:
            queue = self._callers[caller] = _Caller(self._at_once)
        if queue.members >= self._at_once + self._waiting:
            raise Refusal(
                Code.RATE_LIMITED,
                f"You have {queue.members} large requests under way. Wait for their answers before you send more.",
            )
        queue.members += 1
        try:
            async with queue.places:
                yield
        finally:
            queue.members -= 1
            if not queue.members:
                del self._callers[caller]


class _Caller:
    def __init__(self, at_once: int) -> None:
        self.places = asyncio.Semaphore(at_once)
        self.members = 0
