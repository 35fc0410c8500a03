"""The benchmark's data. It is loaded once into a template database, which is copied for each use."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]  # ships no types

from tests.bench.measurement import Effort
from tests.bench.trees import CACHE, Tree
from tests.support.databases import Database, DatabaseKind
from tests.support.databases.postgres.place import PostgresPlace
from tests.support.databases.postgres.server import SERVER_VARIABLE, start_server, take_down
from tests.support.databases.sqlite_place import SqlitePlace

LOCAL_SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
"""The PostgreSQL server that is used if it answers and GATEHOUSE_TEST_POSTGRES_URL is not set."""

_copies = count()


@contextmanager
def postgres_server() -> Iterator[str]:
    """Yield the address of a PostgreSQL server for the benchmark's databases.

    The first of these servers is used: GATEHOUSE_TEST_POSTGRES_URL, LOCAL_SERVER, a temporary server with fsync off.
    """
    if url := os.environ.get(SERVER_VARIABLE):
        yield url
    elif asyncio.run(_answers(LOCAL_SERVER)):
        yield LOCAL_SERVER
    else:
        folder = Path(tempfile.mkdtemp(prefix="gatehouse-"))
        try:
            yield start_server(folder)
        finally:
            take_down(folder)


@contextmanager
def copied(kind: DatabaseKind, tree: Tree, effort: Effort, postgres: str) -> Iterator[Database]:
    """Yield a copy of the template database, and drop the copy at the end. `postgres` is the address of the server."""
    name = f"gatehouse_bench_{tree.fingerprint()}{_size(effort)}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kind == "sqlite":
            template = _sqlite_template(name, tree, effort)
        else:
            asyncio.run(_ensure_postgres_template(name, tree, effort, postgres))
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="gatehouse-") as folder:
            copy = Path(shutil.copyfile(template, Path(folder) / "gatehouse.db"))
            copy.chmod(0o600)
            yield Database("sqlite", f"sqlite://{copy}")
        return
    copy_name = f"gatehouse_bench_copy_{os.getpid()}_{next(_copies)}"
    asyncio.run(executed(postgres, f"CREATE DATABASE {copy_name} TEMPLATE {name} STRATEGY file_copy"))
    try:
        yield Database("postgres", database_address(postgres, copy_name))
    finally:
        asyncio.run(executed(postgres, f"DROP DATABASE {copy_name} WITH (FORCE)"))


@contextmanager
def migrated(kind: DatabaseKind) -> Iterator[Database]:
    """Yield a migrated database without data, and drop it at the end. PostgreSQL has the settings of the tests."""
    folder = Path(tempfile.mkdtemp(prefix="gatehouse-"))
    try:
        if kind == "sqlite":
            with SqlitePlace(folder).fresh() as fresh:
                yield fresh
            return
        place = PostgresPlace(folder)
        try:
            with place.fresh() as fresh:
                yield fresh
        finally:
            place.close()
    finally:
        take_down(folder)


def _sqlite_template(name: str, tree: Tree, effort: Effort) -> Path:
    template = CACHE / f"{name}.db"
    if not template.exists():
        unfinished = CACHE / f"{name}.unfinished"
        unfinished.unlink(missing_ok=True)
        _fill(f"sqlite://{unfinished}", tree, effort)
        unfinished.rename(template)  # the last connection has emptied the write-ahead log
    return template


async def _ensure_postgres_template(name: str, tree: Tree, effort: Effort, postgres: str) -> None:
    async with connected(postgres) as server:
        if await server.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            return
        unfinished = f"{name}_unfinished"
        await server.execute(f"DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")
        await server.execute(f"CREATE DATABASE {unfinished} TEMPLATE template0")
        url = database_address(postgres, unfinished)
        await asyncio.to_thread(_fill, url, tree, effort)
        await executed(url, "VACUUM ANALYZE")  # as autovacuum does sooner or later
        await server.execute(f"ALTER DATABASE {unfinished} RENAME TO {name}")


def _fill(url: str, tree: Tree, effort: Effort) -> None:
    with tempfile.TemporaryDirectory(prefix="gatehouse-") as folder:
        settings = {"database_url": url, "data_dir": folder}
        tree.run("migrate", **settings)
        tree.run("demo", "--portals", str(effort.portals), "--users", str(effort.users), **settings)


def forget(effort: Effort, postgres: str) -> None:
    """Drop the template databases for these numbers of portals and users, on the server and in the cache."""
    asyncio.run(_dropped(postgres, _size(effort)))
    for file in CACHE.glob(f"gatehouse_bench_*{_size(effort)}.*"):
        file.unlink()


async def _dropped(postgres: str, size: str) -> None:
    async with connected(postgres) as server:
        for row in await server.fetch(
            "SELECT datname FROM pg_database WHERE datname LIKE 'gatehouse\\_bench\\_%' AND right(datname, $1) = $2",
            len(size),
            size,
        ):
            await server.execute(f"DROP DATABASE {row['datname']} WITH (FORCE)")


def _size(effort: Effort) -> str:
    return f"_{effort.portals}_{effort.users}"


def database_address(server: str, name: str) -> str:
    """Return the URL of the database `name` on `server`."""
    return urlsplit(server)._replace(path=f"/{name}").geturl()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    """Yield an asyncpg connection, which is closed at the end."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def executed(url: str, statement: str) -> None:
    async with connected(url) as connection:
        await connection.execute(statement)


async def _answers(url: str) -> bool:
    with suppress(OSError, asyncpg.PostgresError, TimeoutError):
        connection = await asyncpg.connect(url, timeout=3)
        await connection.close()
        return True
    return False
