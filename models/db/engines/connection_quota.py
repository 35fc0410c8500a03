"""How many connections one request may hold at the same time, so that no request takes the whole pool."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_allowance: ContextVar[asyncio.Semaphore | None] = ContextVar("allowance", default=None)


@contextmanager
def at_most_connections(number: int) -> Iterator[None]:
    """Let the body, and the tasks that it starts, hold `number` connections to PostgreSQL together; others wait.

    SQLite has one connection for all, and needs no allowance.
    """
    token = _allowance.set(asyncio.Semaphore(number))
    try:
        yield
    finally:
        _allowance.reset(token)


class Share:
    """The right to one connection of the allowance; without an allowance there is always one."""

    def __init__(self) -> None:
        self._allowance = _allowance.get()

    async def take(self) -> None:
        """Wait for a connection of the allowance to come free."""
        if self._allowance:
            await self._allowance.acquire()

    def release(self) -> None:
        """Let the next one have it."""
        if self._allowance:
            self._allowance.release()
