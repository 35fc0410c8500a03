"""Batched reads that also contain the reads of resolvers that pause.

A resolver with a long computation can pause in `Context.checkpoint`, and then requests its reads later than the
resolvers of other rows. A batched read therefore waits until no resolver of the request is paused, and reads all rows
in one statement.
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
"""How many turns of the event loop without a paused resolver show that all resolvers have requested their reads.

One turn is not enough: a field runs in a task, and a DataLoader dispatches its batch in a later turn.
"""


class PausedResolvers:
    """Counts the resolvers of one request that are paused in `Context.checkpoint`.

    - `count`: the number of resolvers that are paused now.
    - `were_any`: whether a resolver of the request has been paused so far.
    """

    def __init__(self) -> None:
        self.count = 0
        self.were_any = False

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count one more paused resolver while the body of the `with` statement runs."""
        self.count, self.were_any = self.count + 1, True
        try:
            yield
        finally:
            self.count -= 1

    async def all_continued(self) -> None:
        """Wait until all resolvers that were paused have continued and have requested their next reads.

        This is assumed after QUIET_TURNS consecutive turns of the event loop without a paused resolver.
        """
        quiet = 0
        while quiet < QUIET_TURNS:  # asyncio has no event for the end of a turn
            await asyncio.sleep(0)
            quiet = 0 if self.count else quiet + 1


_paused: ContextVar[PausedResolvers | None] = ContextVar("paused", default=None)


@contextmanager
def counting_paused_resolvers() -> Iterator[None]:
    """Count the paused resolvers of the request that runs in the body of the `with` statement."""
    token = _paused.set(PausedResolvers())
    try:
        yield
    finally:
        _paused.reset(token)


def paused_resolvers() -> PausedResolvers:
    """Return the counter of the running request's paused resolvers. Outside of a request, return a new counter."""
    return _paused.get() or PausedResolvers()


class BatchedRead(Generic[K, T]):
    """The load function of a DataLoader. It also reads the keys of resolvers that were paused.

    A DataLoader collects the keys of one turn of the event loop. After the first pause in a request, a BatchedRead also
    collects the keys of later turns, until no resolver is paused. It then calls `read` once.
    """

    def __init__(self, read: Callable[[list[K]], Awaitable[list[T]]]) -> None:
        self._read = read
        self._keys: list[K] = []
        self._answer: asyncio.Future[dict[K, T]] | None = None

    async def __call__(self, keys: list[K]) -> list[T]:
        # A pause that has just ended counts too: the resolver asks for its reads some turns later.
        if not paused_resolvers().were_any:
            return await self._read(keys)
        if self._answer is None:
            self._answer = asyncio.ensure_future(self._read_all())
        self._keys += keys
        found = await self._answer
        return [found[key] for key in keys]

    async def _read_all(self) -> dict[K, T]:
        await paused_resolvers().all_continued()
        keys, self._keys, self._answer = list(dict.fromkeys(self._keys)), [], None
        return dict(zip(keys, await self._read(keys), strict=True))
