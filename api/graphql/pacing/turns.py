"""Limits on concurrent heavy operations. A caller runs only a few at a time, so that other callers have capacity."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from rules.messages.rate_limits import RequestMessage
from rules.refusals import Refusal

AT_ONCE = 2
"""The maximum number of heavy operations that one caller runs at the same time, in one process."""

WAITING = 20
"""The maximum number of heavy operations of one caller that wait. A further operation is refused with RATE_LIMITED."""


class Turns:
    """The queues of heavy operations in one event loop, one queue for each caller.

    A caller is an account, or the address of a client that is not signed in. An operation is heavy if its cost exceeds
    `Limits.light`.
    """

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._at_once = at_once
        self._waiting = waiting
        self._callers: dict[Hashable, _Caller] = {}

    @asynccontextmanager
    async def turn(self, caller: Hashable) -> AsyncIterator[None]:
        """Wait until the caller runs fewer than `at_once` heavy operations, then run the body of the `with` statement.

        Raise Refusal(RATE_LIMITED) if `waiting` heavy operations of the caller are already waiting.
        """
        queue = self._callers.get(caller)
        if queue is None:
            queue = self._callers[caller] = _Caller(self._at_once)
        if queue.members >= self._at_once + self._waiting:
            raise Refusal(RequestMessage.LARGE_REQUESTS, requests=queue.members)
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
