"""The event loop's time, shared among requests: a long answer steps aside every few milliseconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from resolvers.loading.pacing import waiting_resolvers

T = TypeVar("T")

LENGTH = 0.01
"""Seconds of the thread's CPU that requests may compute before the loop looks after sockets again.

CPU, not the clock: on a busy machine answers would be cut into more pieces, and what their pieces read into more statements.
"""


class TimeSlices:
    """One event loop's slices. A slice begins with the first `breathe()` of a turn of the loop and ends with the turn.

    Whatever calls `breathe()` after the slice's length waits for the next turn. So the loop sees its sockets and timers
    every LENGTH seconds, plus one unbroken piece of work, however many requests compute, and however much.
    """

    def __init__(self, length: float = LENGTH, timer: Callable[[], float] = time.thread_time) -> None:
        self._length = length
        self._timer = timer
        self._began: float | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def breathe(self) -> None:
        """Return at once within the slice, else in a later turn of the loop."""
        if not self._is_over():
            return
        waiting = waiting_resolvers()
        waiting.count += 1
        try:
            await asyncio.sleep(0)
            while self._is_over():  # noqa: ASYNC110  # this waits for a turn of the loop, not for an event
                await asyncio.sleep(0)
        finally:
            waiting.count -= 1

    def _is_over(self) -> bool:
        loop = asyncio.get_running_loop()
        if self._began is None or loop is not self._loop:
            self._loop, self._began = loop, self._timer()
            loop.call_soon(self._end)  # runs first in the next turn
            return False
        return self._timer() - self._began > self._length

    def _end(self) -> None:
        self._began = None


class Paced:
    """The items one by one, with a breath before each: an asynchronous iterator for long lists."""

    def __init__(self, items: Iterable[T], slices: TimeSlices) -> None:
        self._items = iter(items)
        self._slices = slices

    def __aiter__(self) -> Paced:
        return self

    async def __anext__(self) -> object:
        await self._slices.breathe()
        try:
            return next(self._items)
        except StopIteration:
            raise StopAsyncIteration from None
