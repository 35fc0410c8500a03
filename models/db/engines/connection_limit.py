"""Limit the number of connections that one request holds, so that no request takes the whole pool."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_allowance: ContextVar[asyncio.Semaphore | None] = ContextVar("allowance", default=None)


@contextmanager
def limit_connections(number: int) -> Iterator[None]:
    """Let the body of the `with` statement use at most `number` PostgreSQL connections at once.

    Connections of tasks that the body starts count too. A task that needs one more connection waits. With SQLite there
    is no limit, because all tasks share one connection.
    """
    token = _allowance.set(asyncio.Semaphore(number))
    try:
        yield
    finally:
        _allowance.reset(token)


class Permit:
    """The right to hold one of the connections that `limit_connections` allows."""

    def __init__(self) -> None:
        self._allowance = _allowance.get()

    async def take(self) -> None:
        """Wait until the limit allows one more connection, and count this connection. Without a limit, never wait."""
        if self._allowance:
            await self._allowance.acquire()

    def release(self) -> None:
        """Stop counting the connection, so that another task can take one."""
        if self._allowance:
            self._allowance.release()
