"""Databases for tests: each test has a fresh one, on SQLite and on a PostgreSQL server that the run starts itself.

`db` is migrated and open, `closed_db` is migrated but not open, `blank_db` has no tables. All tests of a process share one
event loop, so that a PostgreSQL database can stay open from one test to the next.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio
import uvloop

from api.server import freeze_startup_objects
from tests.support.databases.database import KINDS, Database
from tests.support.databases.open_databases import OpenDatabases, cancel_other_tasks
from tests.support.databases.postgres.known_types import types_asked_once
from tests.support.databases.postgres.place import PostgresPlace
from tests.support.databases.postgres.server import SERVER_VARIABLE, take_down
from tests.support.databases.sqlite_place import SqlitePlace

ROOM = 1024**3


@pytest_asyncio.fixture
async def db(closed_db: Database, open_databases: OpenDatabases) -> AsyncIterator[Database]:
    async with open_databases.used(closed_db):
        yield closed_db


@pytest.fixture(params=KINDS)
def closed_db(request: pytest.FixtureRequest) -> Iterator[Database]:
    opened = request.getfixturevalue("open_databases") if "db" in request.fixturenames else None
    with _place(request).fresh(opened) as fresh:
        yield fresh


@pytest_asyncio.fixture(scope="session")
async def open_databases() -> AsyncIterator[OpenDatabases]:
    opened = OpenDatabases()
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def no_task_left() -> AsyncIterator[None]:
    """Cancel the tasks that a test has left."""
    yield
    await cancel_other_tasks()


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
    with types_asked_once():
        place = PostgresPlace(pytestconfig.stash[FOLDER])
        yield place
        place.close()


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


def pytest_asyncio_loop_factories() -> dict[str, Any]:
    """Let the tests run in an event loop like the server's."""
    return {"uvloop": uvloop.new_event_loop}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let asynchronous tests leave no task. Deselect the tests marked `contrib`, unless the run is given a server for them."""
    for item in items:
        if isinstance(item, pytest.Function) and _is_async(item):
            item.fixturenames.insert(0, "no_task_left")
        elif isinstance(item, pytest.Function) and "db" in item.fixturenames:
            # pytest-asyncio would end the event loop that all tests share.
            raise pytest.UsageError(f"{item.nodeid}: make this test `async`, because it uses the fixture `db`.")
    unfit = [item for item in items if item.get_closest_marker("contrib") and not _has_contrib(item)]
    if unfit:
        config.hook.pytest_deselected(items=unfit)
        items[:] = [item for item in items if item not in unfit]


def pytest_collection_finish() -> None:
    """Let the garbage collector run as rarely as in the server. Exempt the collected tests and all modules from it."""
    freeze_startup_objects()


def _is_async(item: pytest.Function) -> bool:
    function = item.function
    return iscoroutinefunction(getattr(getattr(function, "hypothesis", None), "inner_test", function))


def _has_contrib(item: pytest.Item) -> bool:
    chosen = item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
    return SERVER_VARIABLE in os.environ and "sqlite" not in chosen
