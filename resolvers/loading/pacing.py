"""Batch the reads of resolvers that let other requests run first.

A resolver with a long computation pauses before it, and asks for its reads in a later turn of the event loop than the
resolvers of neighbouring rows. Reads therefore wait until all paused resolvers of the request have continued.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


QUIET_TURNS = 5
"""The number of turns of the event loop after which a resolver that continues has asked for the reads of its fields.

The turns are a task, a batch and the dispatch of the batch.
"""


class WaitingResolvers:
    """The number of resolvers of one request that wait for a later turn of the event loop."""

    def __init__(self) -> None:
        self.count = 0

    async def all_continued(self) -> None:
        """Wait until no resolver has waited for QUIET_TURNS turns. Every resolver has then asked for its next reads."""
        quiet = 0
        while quiet < QUIET_TURNS:  # asyncio has no event for the end of a turn
            await asyncio.sleep(0)
            quiet = 0 if self.count else quiet + 1


_waiting: ContextVar[WaitingResolvers | None] = ContextVar("waiting", default=None)


@contextmanager
def counting_waiting_resolvers() -> Iterator[None]:
    """Count the waiting resolvers of the body and of all tasks that the body starts, as one number."""
    token = _waiting.set(WaitingResolvers())
    try:
        yield
    finally:
        _waiting.reset(token)


def waiting_resolvers() -> WaitingResolvers:
    """Return the count of waiting resolvers of the running request. Outside of a request, return a new count."""
    return _waiting.get() or WaitingResolvers()


class BatchedRead(Generic[K, T]):
    """A read of many keys at once. It also includes the keys of resolvers that have paused.

    A DataLoader collects the keys of one turn of the event loop. A BatchedRead also collects the keys of later turns,
    until all paused resolvers of the request have continued.
    """

    def __init__(self, read: Callable[[list[K]], Awaitable[list[T]]]) -> None:
        self._read = read
        self._keys: list[K] = []
        self._answer: asyncio.Future[dict[K, T]] | None = None

    async def __call__(self, keys: list[K]) -> list[T]:
        if self._answer is None and not waiting_resolvers().count:
            return await self._read(keys)
        if self._answer is None:
            self._answer = asyncio.ensure_future(self._read_all())
        self._keys += keys
        found = await self._answer
        return [found[key] for key in keys]

    async def _read_all(self) -> dict[K, T]:
        await waiting_resolvers().all_continued()
        keys, self._keys, self._answer = list(dict.fromkeys(self._keys)), [], None
        return dict(zip(keys, await self._read(keys), strict=True))
