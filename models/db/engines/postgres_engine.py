"""PostgreSQL with a limit on every wait, and cancellation that loses no connection."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

import asyncpg  # type: ignore[import-untyped]  # ships no types
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    PoolConnectionWrapper,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections
from tortoise.exceptions import DBConnectionError

from models.db.database_errors import PoolerInBetween
from models.db.engines.connection_quota import Share

CONNECT_SECONDS = 5.0

CANCEL_SECONDS = 0.5
"""How long a connection whose statement was given up is waited for before it is cut."""


class Connections(NamedTuple):
    """How many connections there may be, and how many of them are free, opened already or not."""

    most: int
    free: int


class PostgresEngine(AsyncpgDBClient):
    """Tortoise's client, given `dsn`: an address with everything libpq understands in it (sslmode, several hosts …).

    `patience` is how many seconds a caller waits for a free connection.
    """

    _pool: Any

    def __init__(self, *, patience: float, **credentials: Any) -> None:
        super().__init__(**credentials)
        self.patience = patience

    async def create_pool(self, **settings: Any) -> asyncpg.Pool:
        # asyncpg would let Tortoise's reading of the address win over its own.
        address = {"host", "port", "user", "password", "database", "loop"}
        rest = {name: value for name, value in settings.items() if name not in address}
        try:
            pool = await asyncpg.create_pool(**rest, timeout=CONNECT_SECONDS, reset=_leave_as_it_is)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise DBConnectionError("No connection to the database") from error
        try:
            await _check_settings(pool, rest["server_settings"])
        except BaseException:
            pool.terminate()
            raise
        return pool

    def acquire_connection(self) -> PoolConnectionWrapper[Any]:
        return _Borrowed(self)

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(self)

    def connections(self) -> Connections:
        """As the pool stands now; before the first connection there is none."""
        if self._pool is None:
            return Connections(0, 0)
        in_use = self._pool.get_size() - self._pool.get_idle_size()
        return Connections(self._pool.get_max_size(), self._pool.get_max_size() - in_use)

    async def acquired(self) -> Any:
        """A connection of the pool, to be released; DBConnectionError when there is none in time."""
        try:
            return await self._pool.acquire(timeout=self.patience)
        except (OSError, asyncpg.PostgresError) as error:
            # Every connection is taken (TimeoutError is an OSError), or the server is gone, or refuses all connections.
            raise DBConnectionError("No connection to the database") from error


async def _check_settings(pool: asyncpg.Pool, settings: Mapping[str, str]) -> None:
    """Raise PoolerInBetween if the connection has not the statement_timeout that it was opened with.

    PgBouncer can be told to ignore such settings. Then no limit on a wait holds, and in transaction mode prepared
    statements are lost as well, some time later.
    """
    async with pool.acquire() as connection:
        kept = await connection.fetchval(
            "SELECT set_config('statement_timeout', $1, true)", settings["statement_timeout"]
        )
        found = await connection.fetchval("SELECT current_setting('statement_timeout')")
    if found != kept:
        raise PoolerInBetween("The settings of a connection are not kept")


async def given_back(pool: Any, connection: Any) -> None:
    """Release a connection to the pool; cut it when a statement that was given up is still running in it.

    asyncpg would wait for the server to acknowledge the cancellation, and a server that hangs never does.
    """
    raw = connection._con  # the pool takes it out of its wrapper at once
    try:
        async with asyncio.timeout(CANCEL_SECONDS):
            await pool.release(connection)
    except TimeoutError:
        if raw is not None:
            raw.terminate()


async def _leave_as_it_is(connection: Any) -> None:
    """What the pool does to a connection that comes back, beyond rolling back a transaction left open: nothing.

    asyncpg would spend a round trip on unlocking, closing, unlistening and resetting. Pooled connections here never
    hold any of that: settings are SET LOCAL, advisory locks end with their transaction, cursors are not held, and
    a listener has a connection of its own.
    """


class _Borrowed(PoolConnectionWrapper[Any]):
    def __init__(self, engine: PostgresEngine) -> None:
        super().__init__(engine, engine._pool_init_lock)
        self._engine = engine
        self._share = Share()

    async def __aenter__(self) -> Any:
        await self._share.take()
        try:
            await self.ensure_connection()
            self.connection = await self._engine.acquired()
        except BaseException:
            self._share.release()
            raise
        return self.connection

    async def __aexit__(self, *raised: Any) -> None:
        try:
            await given_back(self._engine._pool, self.connection)
        finally:
            self._share.release()


class _Transaction(TransactionContextPooled):
    def __init__(self, engine: PostgresEngine) -> None:
        super().__init__(TransactionWrapper(engine), engine._pool_init_lock)
        self._engine = engine
        self._share = Share()

    async def __aenter__(self) -> TransactionalDBClient:
        await self._share.take()
        try:
            await self.ensure_connection()
            self.client._connection = await self._engine.acquired()
            try:
                await self.client.begin()
            except BaseException:  # Tortoise's own would keep the connection for good
                await given_back(self._engine._pool, self.client._connection)
                raise
        except BaseException:
            self._share.release()
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        try:
            if self.client._finalized:
                return
            if exc_type is None:
                await self.client.commit()
            elif not isinstance(exc_val, TimeoutError):
                await self.client.rollback()
            # Where a statement was given up, a rollback would wait behind it: cutting the connection rolls back as well.
        finally:
            get_connections().reset(self.token)
            try:
                if isinstance(exc_val, TimeoutError):
                    self.client._connection.terminate()
                await given_back(self._engine._pool, self.client._connection)
            finally:
                self._share.release()


client_class = PostgresEngine
