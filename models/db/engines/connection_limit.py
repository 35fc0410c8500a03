"""Limit the number of connections that one request holds, so that no request takes the whole pool."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_allowance: ContextVar[asyncio.Semaphore | None] = ContextVar("allowance", default=None)


@contextmanager
def limit_connections(number: int) -> Iterator[None]:
    """Limit the PostgreSQL connections that the body and the tasks started by the body hold at once to `number`.

    A task that needs one more connection waits. SQLite has one connection for all tasks, and no limit.
    """
    token = _allowance.set(asyncio.Semaphore(number))
    try:
        yield
    finally:
        _allowance.reset(token)


class Permit:
    """The right to hold one connection of the request's allowance. If the request has no allowance, `take` never waits."""

    def __init__(self) -> None:
        self._allowance = _allowance.get()

    async def take(self) -> None:
        """Wait until the allowance has a free connection, and take it."""
        if self._allowance:
            await self._allowance.acquire()

    def release(self) -> None:
        """Return the connection to the allowance."""
        if self._allowance:
            self._allowance.release()
