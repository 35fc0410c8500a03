"""Opening the database, and what its errors mean: the one place that knows both drivers."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg  # type: ignore[import-untyped]  # ships no types
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext, set_global_context
from tortoise.exceptions import BaseORMException, DBConnectionError

from models.postgres_engine import Connections, PostgresEngine

MODEL_MODULES = ("models.tables",)
MIGRATIONS = "models.migrations"
APP = "models"
CONNECTION = "default"

TORTOISE = {
    "connections": {CONNECTION: "sqlite://:memory:"},
    "apps": {APP: {"models": list(MODEL_MODULES), "default_connection": CONNECTION, "migrations": MIGRATIONS}},
}
"""What `tortoise makemigrations` reads to compare the models with the migrations; it opens no database."""

PING_SECONDS = 2.0


@asynccontextmanager
async def database(
    url: str,
    *,
    pool_size: int = 10,
    models: Sequence[str] = MODEL_MODULES,
    statement_timeout: timedelta | None = timedelta(seconds=30),
    patience: timedelta = timedelta(seconds=5),
) -> AsyncIterator[None]:
    """Connects this process to the database at `url` for as long as the body runs; one at a time.

    `sqlite:///srv/gatehouse.db`, `sqlite://beside/me.db`, or `postgres://…` with every parameter of libpq. Raises
    ValueError for another kind, FileNotFoundError where SQLite's folder is missing, and an error that `unavailable()`
    knows when there is no server. For PostgreSQL, `statement_timeout` None lifts the limit (migrations, imports), and
    `patience` is how long a caller waits for a free connection of the pool.
    """
    connection = _connection(url, pool_size, statement_timeout, patience)
    context = TortoiseContext()
    # Reachable from every task: a server's start-up and its requests share no context variables.
    set_global_context(context)
    EXECUTOR_CACHE.clear()  # Tortoise would go on with the SQL of the other kind, had this process opened that before
    try:
        await context.init(
            {
                "connections": {CONNECTION: connection},
                "apps": {APP: {"models": list(models), "default_connection": CONNECTION}},
            },
            use_tz=True,
            timezone="UTC",
        )
        # Now, not at the first request: whoever is cancelled while connecting leaves a connection half set up.
        await get_connection(CONNECTION).create_connection(with_db=True)
        yield
    finally:
        await completed(context.close_connections())


def _connection(url: str, pool_size: int, statement_timeout: timedelta | None, patience: timedelta) -> dict[str, Any]:
    kind, _, address = url.partition("://")
    if kind == "sqlite":
        return _sqlite(address)
    if kind in ("postgres", "postgresql"):
        return _postgres(url, pool_size, statement_timeout, patience)
    raise ValueError("A database URL begins with sqlite:// or postgres://")


def _sqlite(path: str) -> dict[str, Any]:
    folder = Path(path).absolute().parent
    if not path or not folder.is_dir():
        raise FileNotFoundError(f"SQLite needs a folder for its file: {folder} does not exist")
    return {
        "engine": "models.sqlite_engine",
        "credentials": {
            "file_path": path,
            "busy_timeout": 10_000,
            "journal_mode": "WAL",
            "synchronous": "FULL",
            "foreign_keys": "ON",
            "journal_size_limit": 64 * 1024 * 1024,
        },
    }


def _postgres(url: str, pool_size: int, statement_timeout: timedelta | None, patience: timedelta) -> dict[str, Any]:
    seconds = statement_timeout.total_seconds() if statement_timeout else 0
    return {
        "engine": "models.postgres_engine",
        "credentials": {
            "dsn": url,
            "database": unquote(urlsplit(url).path[1:]),  # for Tortoise's message when it does not exist
            "minsize": 1,
            "maxsize": pool_size,
            "patience": patience.total_seconds(),
            # Ours comes after the server's own: it is for a server that no longer answers at all.
            "command_timeout": seconds + 5 if seconds else None,
            "server_settings": {
                "application_name": "gatehouse",
                "timezone": "UTC",
                "statement_timeout": f"{seconds * 1000:.0f}ms",
                "lock_timeout": "10s",
                "idle_in_transaction_session_timeout": "30s",
            },
        },
    }


async def completed(work: Any) -> None:
    """Awaits `work` to its end, however often this task is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:  # raised below, by result()
            break
    task.result()
    if cancelled:
        raise cancelled


async def healthy() -> bool:
    """Whether the database answers a query within two seconds."""
    try:
        async with asyncio.timeout(PING_SECONDS):
            await get_connection(CONNECTION).execute_query("SELECT 1")
    except Exception:
        return False
    return True


def pool() -> Connections | None:
    """The connections to PostgreSQL; None with SQLite, where there is one for all."""
    engine = get_connection(CONNECTION)
    return engine.connections() if isinstance(engine, PostgresEngine) else None


def unavailable(error: BaseException) -> bool:
    """Whether the database cannot be reached, or is too busy, just now: the same call may succeed in a while."""
    return any(
        isinstance(cause, _UNAVAILABLE)
        or (isinstance(cause, asyncpg.InterfaceError) and "clos" in str(cause))
        or (isinstance(cause, sqlite3.OperationalError) and _name(cause) in _SQLITE_UNAVAILABLE)
        for cause in _causes(error)
    )


def damaged(error: BaseException) -> bool:
    """Whether SQLite's file is none of its own, or not whole."""
    return any(isinstance(cause, sqlite3.Error) and _name(cause) in _SQLITE_DAMAGED for cause in _causes(error))


def transient(error: BaseException) -> bool:
    """Whether the transaction merely lost a race: begun again at once, it may succeed."""
    return any(
        isinstance(cause, _TRANSIENT)
        or (isinstance(cause, sqlite3.OperationalError) and _name(cause) in _SQLITE_TRANSIENT)
        for cause in _causes(error)
    )


_UNAVAILABLE = (
    DBConnectionError,
    ConnectionError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""Refused, lost, shut down, out of connections or memory, waited in vain, or (a fail-over) not the primary any more."""

_TRANSIENT = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)
"""The last two: another process has migrated, and statements prepared before that no longer fit."""

_SQLITE_UNAVAILABLE = {"SQLITE_BUSY", "SQLITE_BUSY_RECOVERY", "SQLITE_FULL", "SQLITE_CANTOPEN"}
"""SQLITE_BUSY comes after waiting for busy_timeout: whoever writes has been at it for ten seconds."""

_SQLITE_DAMAGED = {"SQLITE_NOTADB", "SQLITE_CORRUPT"}

_SQLITE_TRANSIENT = {"SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED", "SQLITE_LOCKED_SHAREDCACHE"}


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", "")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what the libraries between the driver and us made it from; never behind an error of our own."""
    while error is not None:
        yield error
        between = isinstance(error, (BaseORMException, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError))
        error = (error.__cause__ or error.__context__) if between else None
