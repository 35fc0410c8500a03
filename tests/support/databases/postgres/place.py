"""The databases for tests on a PostgreSQL server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]  # ships no types

from tests.support.databases.database import Database
from tests.support.databases.open_databases import OpenDatabases
from tests.support.databases.postgres.cleaning import Cleaner
from tests.support.databases.postgres.server import SERVER_VARIABLE, database_prefix, start_server
from tests.support.databases.template import alone_in, migrated

T = TypeVar("T")


class PostgresPlace:
    """The databases for tests on one PostgreSQL server. All processes of the run share the server and the template.

    To create and drop a database costs ten times as much as to empty it. A database that a test leaves in order is
    therefore emptied and kept for the next test of this process.
    """

    def __init__(self, folder: Path) -> None:
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._prefix = database_prefix(folder)
        self._names = count()
        self._kept: list[tuple[str, Cleaner]] = []
        self._kept_open: list[tuple[str, Cleaner]] = []
        with alone_in(folder):
            self._url = os.environ.get(SERVER_VARIABLE) or start_server(folder)
            self._admin = self._run(asyncpg.connect(self._url))
            finished = folder / "template.postgres"
            if not finished.exists():
                self._execute(f"CREATE DATABASE {self._prefix}")
                self._run(migrated(self._address(self._prefix)))
                finished.touch()

    @contextmanager
    def fresh(self, opened: OpenDatabases | None = None) -> Iterator[Database]:
        """Yield a migrated database without accounts.

        If `opened` is given, the database can be one that an earlier test has left open there. If `opened` is None, no
        connection to the database is open.
        """
        kept = self._kept_open if opened else self._kept
        name, cleaner = kept.pop() if kept else self._copied()
        address = self._address(name)
        try:
            yield Database("postgres", address)
        finally:
            if self._run(cleaner.cleaned(opened.backends(address) if opened else ())):
                kept.append((name, cleaner))
            else:
                if opened:
                    opened.forget(address)
                self._discard(name, cleaner)

    @contextmanager
    def blank(self) -> Iterator[Database]:
        """Yield a database without tables."""
        name = self._created(template="template0")
        try:
            yield Database("postgres", self._address(name))
        finally:
            self._drop(name)

    def close(self) -> None:
        for name, cleaner in [*self._kept, *self._kept_open]:
            self._discard(name, cleaner)
        self._run(self._admin.close())
        self._runner.close()

    def _copied(self) -> tuple[str, Cleaner]:
        name = self._created(template=self._prefix)
        return name, self._run(Cleaner.of(self._address(name)))

    def _created(self, template: str) -> str:
        name = f"{self._prefix}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{next(self._names)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def _discard(self, name: str, cleaner: Cleaner) -> None:
        cleaner.close()
        self._drop(name)

    def _drop(self, name: str) -> None:
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _address(self, name: str) -> str:
        return urlsplit(self._url)._replace(path=f"/{name}").geturl()

    def _execute(self, statement: str) -> None:
        self._run(self._admin.execute(statement))

    def _run(self, runtime: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await runtime  # asyncpg.connect() gives no coroutine, and run() wants one

        return self._runner.run(awaited())
