"""Databases for tests: each test has a fresh one, on SQLite and on a PostgreSQL server that the run starts itself.

`db` is migrated and open in the test's own event loop, `closed_db` is migrated but not open, `blank_db` has no tables.
"""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest
import pytest_asyncio
from tortoise.backends.base.executor import EXECUTOR_CACHE

from models.db.database import database
from models.db.migrate import migrate
from models.housekeeping import tasks as housekeeping_tasks
from models.housekeeping.tasks import TaskRow
from rules.housekeeping import Task
from tests.support.databases.postgres_server import SERVER_VARIABLE, database_prefix, start_server, take_down

DatabaseKind = Literal["sqlite", "postgres"]

KINDS: tuple[DatabaseKind, ...] = ("sqlite", "postgres")
ROOM = 1024**3

on_sqlite = pytest.mark.parametrize("closed_db", ["sqlite"], indirect=True)
"""Marks a test of behaviour that only SQLite has."""

on_postgres = pytest.mark.parametrize("closed_db", ["postgres"], indirect=True)
"""Marks a test of behaviour that only PostgreSQL has."""


@dataclass(frozen=True)
class Database:
    kind: DatabaseKind
    url: str


@pytest_asyncio.fixture
async def db(closed_db: Database) -> AsyncIterator[Database]:
    async with database(closed_db.url):
        EXECUTOR_CACHE.update(_INSERTS[closed_db.kind])
        yield closed_db
        _INSERTS[closed_db.kind].update(EXECUTOR_CACHE)


_INSERTS: dict[DatabaseKind, dict[Any, Any]] = {kind: {} for kind in KINDS}
"""A cache of the texts of Tortoise's statements. Tortoise would otherwise compose them for each opened database."""


@pytest.fixture(params=KINDS)
def closed_db(request: pytest.FixtureRequest) -> Iterator[Database]:
    with _place(request).fresh() as fresh:
        yield fresh


@pytest.fixture(params=KINDS)
def blank_db(request: pytest.FixtureRequest) -> Iterator[Database]:
    with _place(request).blank() as blank:
        yield blank


def _place(request: pytest.FixtureRequest) -> SqlitePlace | PostgresPlace:
    # Asked for by name, so that a run without PostgreSQL's tests starts no server.
    return cast("SqlitePlace | PostgresPlace", request.getfixturevalue(f"{request.param}_place"))


@pytest.fixture(scope="session")
def sqlite_place(pytestconfig: pytest.Config) -> SqlitePlace:
    return SqlitePlace(pytestconfig.stash[FOLDER])


@pytest.fixture(scope="session")
def postgres_place(pytestconfig: pytest.Config) -> Iterator[PostgresPlace]:
    place = PostgresPlace(pytestconfig.stash[FOLDER])
    yield place
    place.close()


class SqlitePlace:
    """A folder of SQLite files. All processes of the run copy one migrated template in the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        with _alone_in(folder):
            if not self._template.exists():
                unfinished = folder / "unfinished.db"
                with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
                    runner.run(_migrated(f"sqlite://{unfinished}"))
                unfinished.rename(self._template)  # closing it has emptied its write-ahead log

    @contextmanager
    def fresh(self) -> Iterator[Database]:
        with self.blank() as blank:
            file = Path(shutil.copyfile(self._template, blank.url.removeprefix("sqlite://")))
            file.chmod(0o600)
            yield blank

    @contextmanager
    def blank(self) -> Iterator[Database]:
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            yield Database("sqlite", f"sqlite://{folder}/gatehouse.db")


class PostgresPlace:
    """The databases of a PostgreSQL server. All processes of the run share the server and one migrated template."""

    def __init__(self, folder: Path) -> None:
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._prefix = database_prefix(folder)
        self._names = count()
        with _alone_in(folder):
            self._url = os.environ.get(SERVER_VARIABLE) or start_server(folder)
            self._admin = self._run(asyncpg.connect(self._url))
            finished = folder / "template.postgres"
            if not finished.exists():
                self._execute(f"CREATE DATABASE {self._prefix}")
                self._run(_migrated(self._address(self._prefix)))
                finished.touch()

    @contextmanager
    def fresh(self) -> Iterator[Database]:
        with self._created(template=self._prefix) as created:
            yield created

    @contextmanager
    def blank(self) -> Iterator[Database]:
        with self._created(template="template0") as created:
            yield created

    @contextmanager
    def _created(self, template: str) -> Iterator[Database]:
        name = f"{self._prefix}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{next(self._names)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        try:
            yield Database("postgres", self._address(name))
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        self._run(self._admin.close())
        self._runner.close()

    def _address(self, name: str) -> str:
        return urlsplit(self._url)._replace(path=f"/{name}").geturl()

    def _execute(self, statement: str) -> None:
        self._run(self._admin.execute(statement))

    def _run(self, runtime: Any) -> Any:
        async def awaited() -> Any:
            return await runtime  # asyncpg.connect() gives no coroutine, and run() wants one

        return self._runner.run(awaited())


FIRST_KNOWN = datetime(2026, 3, 1, 9, tzinfo=UTC)
"""The time at which housekeeping's tasks were registered in the tests' databases. The tests' clocks begin at that time.
"""


async def _migrated(url: str) -> None:
    async with database(url):
        await migrate()
        await housekeeping_tasks.register([TaskRow(task, FIRST_KNOWN) for task in Task])


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder's lock. Another process of the run waits, and then finds the finished template."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# The run itself: one folder for all its processes, removed at the end by the one that made it.

FOLDER = pytest.StashKey[Path]()


@pytest.hookimpl(trylast=True)  # or a plugin that refuses to start would leave the folder behind
def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        config.stash[FOLDER] = Path(config.workerinput["databases"])
    else:
        config.stash[FOLDER] = Path(tempfile.mkdtemp(prefix="gatehouse-", dir=_fast_place()))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["databases"] = str(node.config.stash[FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and FOLDER in config.stash:
        take_down(config.stash[FOLDER])


def _fast_place() -> str | None:
    """Return a folder in memory if there is room for a server. A new database takes 8 ms there, and 35 ms on a disk."""
    memory = Path("/dev/shm")  # noqa: S108  # mkdtemp() makes a private folder in it
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > ROOM else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests that need PostgreSQL's contrib modules, unless the run is given a server that has these modules."""
    unfit = [item for item in items if item.get_closest_marker("contrib") and not _has_contrib(item)]
    if unfit:
        config.hook.pytest_deselected(items=unfit)
        items[:] = [item for item in items if item not in unfit]


def pytest_collection_finish() -> None:
    """Exempt the collected tests and all modules from garbage collection, because they stay until the end of the run."""
    gc.collect()
    gc.freeze()


def _has_contrib(item: pytest.Item) -> bool:
    chosen = item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
    return SERVER_VARIABLE in os.environ and "sqlite" not in chosen
