"""Open a test's database. A PostgreSQL database stays open for the next test that gets it.

A new connection makes the server plan every statement again: 20 ms for the ten statements of four screens, instead of 1 ms.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import tortoise.context

from models.db.database import CONNECTION, database
from models.db.sql import remember_database
from tests.support.databases.database import Database, DatabaseKind
from tests.support.databases.tortoise_models import remembered, restore, statements


class OpenDatabases:
    """The PostgreSQL databases of this process that stay open, by address."""

    def __init__(self) -> None:
        self._kept: dict[str, _Opened] = {}

    @asynccontextmanager
    async def used(self, db: Database) -> AsyncIterator[None]:
        """Let the process use the database while the body of the `with` statement runs.

        After the body, the asyncio tasks that it has left are cancelled. A PostgreSQL database whose connections are
        all free then stays open for the next use. Any other database is closed.
        """
        if opened := self._kept.pop(db.url, None):
            opened.resume()
        else:
            opened = await _Opened.of(db)
        try:
            with statements(db.kind):
                yield
        finally:
            if await opened.is_in_order():
                opened.pause()
                self._kept[db.url] = opened
            else:
                await opened.close()

    def backends(self, url: str) -> list[int]:
        """Return the ids of the server's processes that belong to the open connections to the database."""
        return self._kept[url].backends() if url in self._kept else []

    def forget(self, url: str) -> None:
        """Close the connections to a database that is dropped."""
        if opened := self._kept.pop(url, None):
            opened.engine._pool.terminate()

    async def close(self) -> None:
        for opened in self._kept.values():
            await opened.close()


class _Opened:
    """A database that is open in this process, with the connection pool that the server uses."""

    def __init__(self, kind: DatabaseKind) -> None:
        self._kind = kind
        self._stack = AsyncExitStack()
        self._context: Any = None

    @classmethod
    async def of(cls, db: Database) -> _Opened:
        opened = cls(db.kind)
        with remembered(db.kind):
            await opened._stack.enter_async_context(database(db.url))
        opened._context = tortoise.context.get_current_context()
        return opened

    @property
    def engine(self) -> Any:
        return self._context.connections.get(CONNECTION)

    def resume(self) -> None:
        """Make this the database that the process uses."""
        tortoise.context.set_global_context(self._context)
        remember_database(is_postgres=True)
        restore(self._kind)

    def pause(self) -> None:
        """Leave the process without a current database. The connections to this database stay open."""
        tortoise.context._global_context = None  # Tortoise has no function for this
        remember_database(is_postgres=None)

    async def is_in_order(self) -> bool:
        """Cancel the remaining tasks. Return whether the database can stay open for the next test."""
        if self._kind == "sqlite":
            return False
        await self.engine.kept.release_all()  # before the tasks that release are cancelled
        await cancel_other_tasks()
        await self.engine.kept.release_all()
        found = self.engine.connections()
        return bool(0 < found.most == found.free)

    def backends(self) -> list[int]:
        return [each._con.get_server_pid() for each in self.engine._pool._holders if each._con]

    async def close(self) -> None:
        await self._stack.aclose()


async def cancel_other_tasks() -> None:
    """Cancel all other tasks of the event loop, and wait until they have ended."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others)
