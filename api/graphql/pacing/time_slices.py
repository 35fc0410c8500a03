"""Time slices of the event loop: a long computation lets other tasks run every few milliseconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from resolvers.loading.pacing import paused_resolvers

T = TypeVar("T")

LENGTH = 0.01
"""The length of a time slice in seconds of CPU time. After each slice, the event loop serves sockets and timers.

Wall time would make slices shorter on a busy machine, which splits answers into more pieces and reads into more SQL
statements.
"""


LONG = 100
"""The maximum number of items of a list that is completed without letting other tasks run in between."""


class TimeSlices:
    """Divides the work of an event loop into time slices, so that long answers do not block the loop.

    A long computation calls `checkpoint` repeatedly. All tasks of one iteration of the loop share the CPU time
    `length`. After this time, each call of `checkpoint` pauses its task until a later iteration. Between iterations,
    the loop serves sockets and timers. An iteration takes at most `length` plus twice the longest work between two
    calls.

    - `timer`: returns the CPU time of the thread in seconds.
    - `clock`: returns the wall time in seconds.
    """

    def __init__(
        self,
        length: float = LENGTH,
        timer: Callable[[], float] = time.thread_time,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._length = length
        self._timer = timer
        self._clock = clock
        self._began: float | None = None
        self._computed: float | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def checkpoint(self) -> None:
        """Pause if the time slice is used up, until a later iteration of the loop. Otherwise return at once."""
        if not self._is_over():
            return
        with paused_resolvers().one_more():
            await asyncio.sleep(0)
            while self._is_over():  # noqa: ASYNC110  # this waits for an iteration of the loop, not for an event
                await asyncio.sleep(0)

    def _is_over(self) -> bool:
        loop = asyncio.get_running_loop()
        if self._began is None or loop is not self._loop:
            self._loop, self._began, self._computed = loop, self._clock(), None
            loop.call_soon(self._end)  # runs first in the next iteration
            return False
        # Reading the CPU time is a system call. During half the length no thread can compute longer than that half.
        if self._clock() - self._began <= self._length / 2:
            return False
        if self._computed is None:
            self._computed = self._timer()
            return False
        return self._timer() - self._computed > self._length / 2

    def _end(self) -> None:
        self._began = None


SLICES = TimeSlices()
"""The time slices of this process, which has a single event loop."""


class Paced:
    """An asynchronous iterator over `items` that can pause before each item (`TimeSlices.checkpoint`)."""

    def __init__(self, items: Iterable[T], slices: TimeSlices) -> None:
        self._items = iter(items)
        self._slices = slices

    def __aiter__(self) -> Paced:
        return self

    async def __anext__(self) -> object:
        await self._slices.checkpoint()
        try:
            return next(self._items)
        except StopIteration:
            raise StopAsyncIteration from None
