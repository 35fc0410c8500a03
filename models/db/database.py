"""Connect to the database, and check whether the database responds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext, set_global_context

from models.db.database_errors import reason
from models.db.engines.postgres_engine import Connections, PostgresEngine
from models.db.sql import remember_database

MODEL_MODULES = ("models.tables",)
MIGRATIONS = "models.migrations"
APP = "models"
CONNECTION = "default"

TORTOISE = {
    "connections": {CONNECTION: "sqlite://:memory:"},
    "apps": {APP: {"models": list(MODEL_MODULES), "default_connection": CONNECTION, "migrations": MIGRATIONS}},
}
"""The configuration for `tortoise makemigrations`, which compares models with migrations without opening a database."""

PING_SECONDS = 1.8
"""The number of seconds that /readyz waits for the database, because /readyz must respond within two seconds."""

POOL_SIZE = 10
"""The default maximum number of PostgreSQL connections of one process."""

STATEMENT_TIMEOUT = timedelta(seconds=8)
"""The default maximum duration of one SQL statement in PostgreSQL."""

LOCK_TIMEOUT = "7s"

BEYOND_STATEMENT = timedelta(seconds=0.75)
"""The client waits for the server until the statement timeout plus this time. Then it raises TimeoutError."""


@asynccontextmanager
async def database(
    url: str,
    *,
    pool_size: int = POOL_SIZE,
    models: Sequence[str] = MODEL_MODULES,
    statement_timeout: timedelta | None = STATEMENT_TIMEOUT,
    patience: timedelta = timedelta(seconds=5),
) -> AsyncIterator[None]:
    """Connect this process to the database at `url` while the `with` statement runs.

    - `url`: `sqlite:///srv/gatehouse.db` (absolute path), `sqlite://beside/me.db` (relative path), or `postgres://…`
      with any parameter of libpq.
    - `statement_timeout`: the time limit of a PostgreSQL statement. None means no limit, for migrations and imports.
    - `patience`: how long a task waits for a free PostgreSQL connection.

    A process uses one database at a time. Exceptions:

    - ValueError if the scheme of `url` is unknown.
    - FileNotFoundError if the folder of the SQLite file does not exist.
    - An error for which `unavailable()` is true, if the server cannot be reached.
    """
    connection = _connection(url, pool_size, statement_timeout, patience)
    context = TortoiseContext()
    # The context must be global: the server's start-up and its requests share no context variables.
    set_global_context(context)
    EXECUTOR_CACHE.clear()  # may hold SQL for the other kind of database from an earlier connection
    try:
        await context.init(
            {
                "connections": {CONNECTION: connection},
                "apps": {APP: {"models": list(models), "default_connection": CONNECTION}},
            },
            use_tz=True,
            timezone="UTC",
        )
        remember_database(is_postgres=isinstance(get_connection(CONNECTION), PostgresEngine))
        # Connect now: a first request that is cancelled while it connects would leave the connection incomplete.
        await get_connection(CONNECTION).create_connection(with_db=True)
        yield
    finally:
        remember_database(is_postgres=None)
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
        "engine": "models.db.engines.sqlite_engine",
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
        "engine": "models.db.engines.postgres_engine",
        "credentials": {
            "dsn": url,
            "database": unquote(urlsplit(url).path[1:]),  # for Tortoise's error message about a missing database
            "minsize": 1,
            "maxsize": pool_size,
            "patience": patience.total_seconds(),
            "command_timeout": seconds + BEYOND_STATEMENT.total_seconds() if seconds else None,
            "server_settings": {
                "application_name": "gatehouse",
                "timezone": "UTC",
                "statement_timeout": f"{seconds * 1000:.0f}ms",
                "lock_timeout": LOCK_TIMEOUT,
                "idle_in_transaction_session_timeout": "30s",
            },
        },
    }


async def completed(runtime: Any) -> None:
    """Wait until the awaitable `runtime` is done, even if the calling task is cancelled meanwhile.

    Afterwards, raise the exception of `runtime` if it has failed. Otherwise raise CancelledError if the calling task
    was cancelled.
    """
    task = asyncio.ensure_future(runtime)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:  # task.result() raises the exception below
            break
    task.result()
    if cancelled:
        raise cancelled


async def healthy() -> bool:
    """Return whether the database answers a query within PING_SECONDS."""
    return await trouble() is None


async def _ping() -> None:
    await get_connection(CONNECTION).execute_query("SELECT 1")


async def trouble(question: Callable[[], Awaitable[None]] = _ping, within: float = PING_SECONDS) -> str | None:
    """Return why the database does not respond, as a text for the operator, or None if it responds.

    The database responds if `question()` succeeds within `within` seconds. By default, `question()` runs SELECT 1.
    """
    ping = asyncio.ensure_future(question())
    # asyncio.wait() does not await the query after the timeout: a server that hangs confirms no cancellation.
    await asyncio.wait([ping], timeout=within)
    if not ping.done():
        ping.add_done_callback(_forget)
        ping.cancel()
        return reason(TimeoutError())
    error = ping.exception()
    return reason(error) if error else None


def _forget(ping: asyncio.Future[Any]) -> None:
    # asyncio would log an exception that no task retrieves.
    if not ping.cancelled():
        ping.exception()


def pool() -> Connections | None:
    """Return the size of the PostgreSQL pool and its number of free connections, or None with SQLite."""
    engine = get_connection(CONNECTION)
    return engine.connections() if isinstance(engine, PostgresEngine) else None
