"""A PostgreSQL client that limits the duration of every wait, and loses no connection when a task is cancelled."""

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
from models.db.engines.connections_per_request import Permit

CONNECT_SECONDS = 5.0

CANCEL_SECONDS = 0.5
"""How many seconds the release of a connection may take after its statement was cancelled. Then it is terminated."""


class Connections(NamedTuple):
    """The maximum number of connections, and the number of free connections. A connection that is not open yet is free."""

    most: int
    free: int


class PostgresEngine(AsyncpgDBClient):
    """Tortoise's PostgreSQL client with a `dsn`, an address with any parameter of libpq (sslmode, several hosts …).

    `patience` is the number of seconds that a caller waits for a free connection.
    """

    _pool: Any

    def __init__(self, *, patience: float, **credentials: Any) -> None:
        super().__init__(**credentials)
        self.patience = patience

    async def create_pool(self, **settings: Any) -> asyncpg.Pool:
        # Drop the parts of the address that Tortoise has parsed: asyncpg would prefer these parts to `dsn`.
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
        return _PostgresTransaction(self)

    def connections(self) -> Connections:
        """Return the state of the pool at this moment. Both numbers are 0 before the first connection."""
        if self._pool is None:
            return Connections(0, 0)
        in_use = self._pool.get_size() - self._pool.get_idle_size()
        return Connections(self._pool.get_max_size(), self._pool.get_max_size() - in_use)

    async def acquired(self) -> Any:
        """Take a connection from the pool. The caller must release the connection.

        Raise DBConnectionError if no connection is free within `patience`.
        """
        try:
            return await self._pool.acquire(timeout=self.patience)
        except (OSError, asyncpg.PostgresError) as error:
            # All connections are in use (TimeoutError is an OSError), or the server is down or refuses connections.
            raise DBConnectionError("No connection to the database") from error


async def _check_settings(pool: asyncpg.Pool, settings: Mapping[str, str]) -> None:
    """Raise PoolerInBetween if a connection does not have the statement_timeout that was requested.

    PgBouncer can be configured to ignore the settings of a connection. The time limits would then have no effect, and
    PgBouncer's transaction mode would lose prepared statements.
    """
    async with pool.acquire() as connection:
        kept = await connection.fetchval(
            "SELECT set_config('statement_timeout', $1, true)", settings["statement_timeout"]
        )
        found = await connection.fetchval("SELECT current_setting('statement_timeout')")
    if found != kept:
        raise PoolerInBetween("The settings of a connection are not kept")


async def given_back(pool: Any, connection: Any) -> None:
    """Release a connection to the pool. Terminate the connection if a cancelled statement still runs on it.

    Without the termination, asyncpg would wait for the server to acknowledge the cancellation. A server that hangs
    never acknowledges it.
    """
    raw = connection._con  # read before release(), which empties the wrapper
    try:
        async with asyncio.timeout(CANCEL_SECONDS):
            await pool.release(connection)
    except TimeoutError:
        if raw is not None:
            raw.terminate()


async def _leave_as_it_is(connection: Any) -> None:
    """Do nothing when a connection returns to the pool, in place of asyncpg's reset of the connection.

    The reset costs a round trip to release locks, close cursors, stop listening and reset settings. Pooled connections
    need none of these steps: settings are SET LOCAL, advisory locks end with their transaction, cursors are not held,
    and a listener has its own connection. asyncpg rolls back an open transaction in any case.
    """


class _Borrowed(PoolConnectionWrapper[Any]):
    def __init__(self, engine: PostgresEngine) -> None:
        super().__init__(engine, engine._pool_init_lock)
        self._engine = engine
        self._permit = Permit()

    async def __aenter__(self) -> Any:
        await self._permit.take()
        try:
            await self.ensure_connection()
            self.connection = await self._engine.acquired()
        except BaseException:
            self._permit.release()
            raise
        return self.connection

    async def __aexit__(self, *raised: Any) -> None:
        try:
            await given_back(self._engine._pool, self.connection)
        finally:
            self._permit.release()


class _PostgresTransaction(TransactionContextPooled):
    def __init__(self, engine: PostgresEngine) -> None:
        super().__init__(TransactionWrapper(engine), engine._pool_init_lock)
        self._engine = engine
        self._permit = Permit()

    async def __aenter__(self) -> TransactionalDBClient:
        await self._permit.take()
        try:
            await self.ensure_connection()
            self.client._connection = await self._engine.acquired()
            try:
                await self.client.begin()
            except BaseException:  # Tortoise's own method would never release the connection
                await given_back(self._engine._pool, self.client._connection)
                raise
        except BaseException:
            self._permit.release()
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
            # After a TimeoutError, a rollback would wait for the running statement. terminate() rolls back as well.
        finally:
            get_connections().reset(self.token)
            try:
                if isinstance(exc_val, TimeoutError):
                    self.client._connection.terminate()
                await given_back(self._engine._pool, self.client._connection)
            finally:
                self._permit.release()


client_class = PostgresEngine
