"""A PostgreSQL client that limits how long tasks wait, and releases its connection if a task is cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import asyncpg  # type: ignore[import-untyped]  # ships no types
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    NestedTransactionContext,
    PoolConnectionWrapper,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.backends.base_postgres.client import translate_exceptions
from tortoise.connection import get_connections
from tortoise.exceptions import DBConnectionError

from models.db.database_errors import PoolerInBetween
from models.db.engines.connection_limit import Permit
from models.db.engines.kept_connections import KeptConnections

CONNECT_SECONDS = 5.0


class Connections(NamedTuple):
    """The state of the pool of database connections.

    - `most`: the maximum number of connections.
    - `free`: how many more connections tasks can take now, including those that would have to be opened first.
    """

    most: int
    free: int


class PostgresEngine(AsyncpgDBClient):
    """Tortoise's PostgreSQL client. It connects to `dsn`, a URL with any parameter of libpq, such as sslmode.

    `patience` is the number of seconds that a caller waits for a free connection.
    """

    _pool: Any
    kept: KeptConnections

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
        self.kept = KeptConnections(pool)
        return pool

    async def _close(self) -> None:
        if self._pool is not None:
            await self.kept.close()
        await super()._close()

    @translate_exceptions
    async def rows(self, text: str, params: list[Any]) -> list[Any]:
        """Run one statement outside a transaction and return its rows. Faster than Tortoise's own methods.

        Raise OperationalError or IntegrityError, as Tortoise's methods do.
        """
        permit = Permit()
        await permit.take()
        try:
            connection = await self.acquired()
            self.log.debug("%s: %s", text, params)
            try:
                rows: list[Any] = await connection.fetch(text, *params)
            except BaseException:  # a cancelled statement may still run in the connection
                await self.kept.release(connection)
                raise
            await self.kept.put_back(connection)
        finally:
            permit.release()
        return rows

    def acquire_connection(self) -> PoolConnectionWrapper[Any]:
        return _Borrowed(self)

    def _in_transaction(self) -> TransactionContext:
        return _PostgresTransaction(self)

    def connections(self) -> Connections:
        """Return the size of the pool and the number of free connections. Both are 0 before the first connection."""
        if self._pool is None:
            return Connections(0, 0)
        in_use = self._pool.get_size() - self._pool.get_idle_size() - len(self.kept)
        return Connections(self._pool.get_max_size(), self._pool.get_max_size() - in_use)

    async def acquired(self) -> Any:
        """Return a connection. The caller must pass it to `kept.put_back` or `kept.release` after use.

        Raise DBConnectionError if no connection is free within `patience`.
        """
        try:
            return await self.kept.acquire(self.patience)
        except (OSError, asyncpg.PostgresError) as error:
            # All connections are in use (TimeoutError is an OSError), or the server is down or refuses connections.
            raise DBConnectionError("No connection to the database") from error


async def _check_settings(pool: asyncpg.Pool, settings: Mapping[str, str]) -> None:
    """Raise PoolerInBetween if a connection does not have the statement_timeout that was requested."""
    # PgBouncer can ignore the settings of a connection. The time limits would then have no effect, and PgBouncer's
    # transaction mode would lose prepared statements.
    async with pool.acquire() as connection:
        kept = await connection.fetchval(
            "SELECT set_config('statement_timeout', $1, true)", settings["statement_timeout"]
        )
        found = await connection.fetchval("SELECT current_setting('statement_timeout')")
    if found != kept:
        raise PoolerInBetween("The settings of a connection are not kept")


async def _leave_as_it_is(connection: Any) -> None:
    """Do nothing when a connection is released to the pool. By default, asyncpg would reset the connection.

    The reset would take a round trip to the server. The connections of this pool do not need it:

    - Settings are SET LOCAL.
    - Advisory locks end with their transaction.
    - No cursor outlives its transaction.
    - A listener has its own connection.
    - asyncpg rolls back an open transaction even without the reset.
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
            await self._engine.kept.release(self.connection)
        finally:
            self._permit.release()


class _Transaction(TransactionWrapper):
    @translate_exceptions
    async def rows(self, text: str, params: list[Any]) -> list[Any]:
        async with self._lock:
            self.log.debug("%s: %s", text, params)
            rows: list[Any] = await self._connection.fetch(text, *params)
            return rows

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(_Transaction(self))


class _PostgresTransaction(TransactionContextPooled):
    def __init__(self, engine: PostgresEngine) -> None:
        super().__init__(_Transaction(engine), engine._pool_init_lock)
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
                await self._engine.kept.release(self.client._connection)
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
                if exc_type is None and self.client._finalized:
                    await self._engine.kept.put_back(self.client._connection)
                else:
                    await self._engine.kept.release(self.client._connection)
            finally:
                self._permit.release()


client_class = PostgresEngine
