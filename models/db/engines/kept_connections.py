"""Keep connections after use for a moment, so that the next statement can use them without asking the pool.

Acquiring and releasing a connection for each statement would take as long as a query.
"""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # ships no types

KEPT_SECONDS = 0.1
"""The number of seconds after which all kept connections are released, counted from the first connection kept.

The pool closes connections that have been unused for too long. Only released connections count as unused.
"""

CANCEL_SECONDS = 0.5
"""The maximum number of seconds that the release of a connection takes. After that, the connection is terminated."""


class KeptConnections:
    """The unused connections that are kept instead of being released to their pool.

    If a task waits for the pool, connections are released instead, so that this task gets the next one.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._kept: list[Any] = []
        self._waiting = 0
        self._is_closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._releases: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._kept)

    async def acquire(self, patience: float) -> Any:
        """Return a kept connection, or else one from the pool. After use, pass it to `put_back` or `release`.

        Raise TimeoutError if no connection is free within `patience` seconds. Errors of asyncpg are raised unchanged.
        """
        while self._kept:
            connection = self._kept.pop()
            if _is_open(connection):
                return connection
            self._release_later(connection)
        self._waiting += 1
        try:
            return await self._pool.acquire(timeout=patience)
        finally:
            self._waiting -= 1

    async def put_back(self, connection: Any) -> None:
        """Keep the connection for the next statement, or release it to the pool.

        The connection is released if it is closed, if it has an open transaction, or if a task waits for the pool.
        """
        # Keeping a connection awaits nothing, so that no cancellation can lose it.
        if self._waiting or self._is_closed or not _is_open(connection) or connection.is_in_transaction():
            await self.release(connection)
            return
        self._kept.append(connection)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(KEPT_SECONDS, self._begin_release)

    async def release(self, connection: Any) -> None:
        """Release a connection to the pool. If a cancelled statement still runs on it, terminate the connection."""
        # asyncpg waits until the server acknowledges a cancellation. A server that hangs never does.
        try:
            async with asyncio.timeout(CANCEL_SECONDS):
                await self._pool.release(connection)
        except TimeoutError:
            # release() empties the wrapper. Afterwards the connection may be in use by another task.
            if connection._con is not None:
                connection._con.terminate()

    async def close(self) -> None:
        """Release all kept connections. Later calls of `put_back` release their connection at once."""
        self._is_closed = True
        await self.release_all()

    async def release_all(self) -> None:
        """Release all kept connections, and wait until no connection is being released any more."""
        self._begin_release()
        while self._releases:
            await asyncio.wait(set(self._releases))

    def _begin_release(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._kept:
            self._release_later(self._kept.pop())

    def _release_later(self, connection: Any) -> None:
        task = asyncio.get_running_loop().create_task(self.release(connection))
        self._releases.add(task)
        task.add_done_callback(self._released)

    def _released(self, task: asyncio.Task[None]) -> None:
        self._releases.discard(task)
        if not task.cancelled():
            task.exception()  # a connection that the server has closed: the pool opens another one


def _is_open(connection: Any) -> bool:
    # asyncpg empties the wrapper of a connection that the server has closed.
    return connection._con is not None and not connection._con.is_closed()
