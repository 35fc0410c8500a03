"""The client of SQLite, whose database files several processes can open.

Each transaction takes the write lock when it begins. If the caller is cancelled, the transaction is rolled back.
"""

from __future__ import annotations

import asyncio
import sqlite3
from asyncio import Lock
from collections.abc import Iterator
from typing import Any, cast

from tortoise.backends.base.client import NestedTransactionContext, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError

BUSY_SECONDS = 10.0
"""The number of seconds that a transaction waits while another process holds the write lock."""

BUSY_PAUSE = 0.01
"""The number of seconds between two attempts to take the write lock."""


def statements(script: str) -> Iterator[str]:
    """Yield the statements of `script` one by one. A CREATE TRIGGER is one statement."""
    pending = ""
    for piece in script.split(";"):
        pending += piece + ";"
        if sqlite3.complete_statement(pending):
            if pending.strip(" \t\r\n;"):
                yield pending
            pending = ""
    if pending.strip(" \t\r\n;"):
        yield pending  # incomplete: SQLite reports the syntax error


class SqliteEngine(SqliteClient):
    """Tortoise's SQLite client. Its transactions take the write lock when they begin."""

    async def create_connection(self, with_db: bool) -> None:
        # Check first that the file can be opened: after a failure, aiosqlite's thread would outlive the event loop.
        sqlite3.connect(self.filename).close()
        await super().create_connection(with_db)

    def _in_transaction(self) -> TransactionContext:
        return _SqliteTransaction(_Connection(self), self._lock)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        # Tortoise's own method leaves its transaction open if it is cancelled. The next statement would run inside.
        async with self._in_transaction() as connection:
            await connection.execute_many(query, values)


class _Connection(SqliteTransactionWrapper):
    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(_Connection(self))

    async def begin(self) -> None:
        """Take the write lock. Raise OperationalError (SQLITE_BUSY) at once if another process holds the lock."""
        # A transaction that is still open belongs to a cancelled statement. Tortoise would commit the transaction.
        await self._connection.rollback()
        raw = self._connection._conn
        parent = cast(SqliteEngine, self._parent)
        patience = parent.pragmas["busy_timeout"]

        def begin_now() -> None:
            raw.execute("PRAGMA busy_timeout = 0")
            try:
                raw.execute("BEGIN IMMEDIATE")
            finally:
                raw.execute(f"PRAGMA busy_timeout = {patience}")

        try:
            await self._connection._execute(begin_now)  # type: ignore[no-untyped-call]  # untyped; one call for all statements
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error

    async def execute_script(self, query: str) -> None:
        # sqlite3's executescript() would first commit the open transaction.
        for statement in statements(query):
            await self.execute_query(statement)


class _SqliteTransaction(SqliteTransactionContext):
    """A transaction that is rolled back after a failure or a cancellation, so that it is never left open."""

    def __init__(self, connection: _Connection, lock: Lock) -> None:
        super().__init__(connection, lock)

    async def __aenter__(self) -> TransactionalDBClient:
        # Between two attempts the connection is free for reads: the process has only one connection.
        waited = 0.0
        while not await self._begun(is_last=waited >= BUSY_SECONDS):
            await asyncio.sleep(BUSY_PAUSE)
            waited += BUSY_PAUSE
        self.token = get_connections().set(self.connection_name, self.connection)
        client: TransactionalDBClient = self.connection
        return client

    async def _begun(self, *, is_last: bool) -> bool:
        """Begin the transaction. Return False if another process holds the write lock.

        If `is_last` is true, raise OperationalError instead of returning False.
        """
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException as error:
            await self._abandon()
            if is_last or not _is_busy(error):
                raise
            return False
        return True

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        get_connections().reset(self.token)
        if exc_type is not None:
            await self._abandon()
            return
        try:
            if not self.connection._finalized:
                await self.connection.commit()
        except BaseException:  # such as a full disk or a deferred constraint: SQLite keeps the transaction open
            await self._abandon()
            raise
        self._trxlock.release()

    async def _abandon(self) -> None:
        # aiosqlite runs commands in order on its own thread, even those of a cancelled task. A rollback that is queued
        # here therefore runs before any later command.
        try:
            if self.connection._connection:
                await self.connection._connection.rollback()
        finally:
            self._trxlock.release()


def _is_busy(error: BaseException) -> bool:
    return getattr(error.__cause__, "sqlite_errorname", "") == "SQLITE_BUSY"


client_class = SqliteEngine
