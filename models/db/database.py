"""Opening the database, and whether it answers."""

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

MODEL_MODULES = ("models.tables",)
MIGRATIONS = "models.migrations"
APP = "models"
CONNECTION = "default"

TORTOISE = {
    "connections": {CONNECTION: "sqlite://:memory:"},
    "apps": {APP: {"models": list(MODEL_MODULES), "default_connection": CONNECTION, "migrations": MIGRATIONS}},
}
"""What `tortoise makemigrations` reads to compare the models with the migrations; it opens no database."""

PING_SECONDS = 1.8
"""How long /readyz waits for the database; it answers within two seconds."""

POOL_SIZE = 10
"""Connections that one process keeps at most, unless the settings say otherwise."""

STATEMENT_TIMEOUT = timedelta(seconds=8)
"""How long a statement of a request may take at PostgreSQL."""

LOCK_TIMEOUT = "7s"

BEYOND_STATEMENT = timedelta(seconds=0.75)
"""How much longer this process waits: it is for a server that no longer answers at all."""


@asynccontextmanager
async def database(
    url: str,
    *,
    pool_size: int = POOL_SIZE,
    models: Sequence[str] = MODEL_MODULES,
    statement_timeout: timedelta | None = STATEMENT_TIMEOUT,
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
        # Now, not at the first request: a request cancelled while it connects leaves a connection half set up.
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
            "database": unquote(urlsplit(url).path[1:]),  # for Tortoise's message when it does not exist
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
    """Awaits `work` to its end, however often this task is cancelled meanwhile."""
    task = asyncio.ensure_future(runtime)
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
    """Return whether the database answers a query within PING_SECONDS."""
    return await trouble() is None


async def _ping() -> None:
    await get_connection(CONNECTION).execute_query("SELECT 1")


async def trouble(question: Callable[[], Awaitable[None]] = _ping, within: float = PING_SECONDS) -> str | None:
    """Return why the database does not answer within so many seconds, for the operator; None when it does."""
    ping = asyncio.ensure_future(question())
    # Awaited to its end, a cancelled query waits for a server that does not answer the cancellation either.
    await asyncio.wait([ping], timeout=within)
    if not ping.done():
        ping.add_done_callback(_forget)
        ping.cancel()
        return reason(TimeoutError())
    error = ping.exception()
    return reason(error) if error else None


def _forget(ping: asyncio.Future[Any]) -> None:
    """Take the outcome of a query that is not awaited any more, or asyncio would complain of it."""
    if not ping.cancelled():
        ping.exception()


def pool() -> Connections | None:
    """The connections to PostgreSQL; None with SQLite, where there is one for all."""
    engine = get_connection(CONNECTION)
    return engine.connections() if isinstance(engine, PostgresEngine) else None
