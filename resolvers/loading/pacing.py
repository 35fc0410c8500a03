"""How one request's resolvers step aside for others without reading more: reads wait until all of them have gone on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


QUIET_TURNS = 5
"""Turns of the loop from a resolver that goes on to the read that its fields ask for: a task, a batch, its dispatch."""


class Crowd:
    """One request's resolvers that wait for a later turn of the event loop."""

    def __init__(self) -> None:
        self.waiting = 0

    async def gone_on(self) -> None:
        """Return once none of them has waited for QUIET_TURNS: each has asked by then for what it reads next."""
        quiet = 0
        while quiet < QUIET_TURNS:  # they take turns of the loop, and tell of no event
            await asyncio.sleep(0)
            quiet = 0 if self.waiting else quiet + 1


_crowd: ContextVar[Crowd | None] = ContextVar("crowd", default=None)


@contextmanager
def one_crowd() -> Iterator[None]:
    """Count the waiting resolvers of the body, and of the tasks that it starts, together."""
    token = _crowd.set(Crowd())
    try:
        yield
    finally:
        _crowd.reset(token)


def crowd() -> Crowd:
    """Return the crowd of the running request; outside of one, an empty one."""
    return _crowd.get() or Crowd()


class Together(Generic[K, T]):
    """A read of many keys that also serves the calls that come until the request's resolvers have all gone on.

    For a DataLoader: it gathers the keys of one turn of the loop, and resolvers that step aside ask in later ones.
    """

    def __init__(self, read: Callable[[list[K]], Awaitable[list[T]]]) -> None:
        self._read = read
        self._keys: list[K] = []
        self._answer: asyncio.Future[dict[K, T]] | None = None

    async def __call__(self, keys: list[K]) -> list[T]:
        if self._answer is None and not crowd().waiting:
            return await self._read(keys)
        if self._answer is None:
            self._answer = asyncio.ensure_future(self._read_all())
        self._keys += keys
        found = await self._answer
        return [found[key] for key in keys]

    async def _read_all(self) -> dict[K, T]:
        await crowd().gone_on()
        keys, self._keys, self._answer = list(dict.fromkeys(self._keys)), [], None
        return dict(zip(keys, await self._read(keys), strict=True))
