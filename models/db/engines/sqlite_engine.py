"""SQLite shared by several processes: transactions begin IMMEDIATE, and cancellation leaves none of them behind."""

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
"""How long a transaction waits for another process's write lock."""

BUSY_PAUSE = 0.01
"""Seconds between two tries."""


def statements(script: str) -> Iterator[str]:
    """The script's statements one by one; a trigger's body stays in one piece."""
    pending = ""
    for piece in script.split(";"):
        pending += piece + ";"
        if sqlite3.complete_statement(pending):
            if pending.strip(" \t\r\n;"):
                yield pending
            pending = ""
    if pending.strip(" \t\r\n;"):
        yield pending  # incomplete: SQLite itself shall say what is wrong with it


class SqliteEngine(SqliteClient):
    """Tortoise's client, with transactions that hold the write lock from their first statement."""

    async def create_connection(self, with_db: bool) -> None:
        # A file that cannot be opened fails here: aiosqlite's thread would outlive the failure, and then the event loop.
        sqlite3.connect(self.filename).close()
        await super().create_connection(with_db)

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(_Connection(self), self._lock)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        # Tortoise's own, cancelled half-way, leaves its BEGIN open for the next statement to join.
        async with self._in_transaction() as connection:
            await connection.execute_many(query, values)


class _Connection(SqliteTransactionWrapper):
    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(_Connection(self))

    async def begin(self) -> None:
        """Take the write lock, or raise OperationalError(SQLITE_BUSY) at once; see _Transaction for the waiting."""
        # Whatever is open here was left by a statement that no task waits for any more. Tortoise would commit it.
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
            await self._connection._execute(begin_now)  # type: ignore[no-untyped-call]  # one trip to its thread for all
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error

    async def execute_script(self, query: str) -> None:
        # sqlite3's executescript() would first commit the transaction that this is meant to be part of.
        for statement in statements(query):
            await self.execute_query(statement)


class _Transaction(SqliteTransactionContext):
    """Entered or left, cancelled or failed: afterwards no transaction is open and the lock is free.

    aiosqlite runs commands in order on a thread of its own, also those whose caller was cancelled. So a rollback need
    not be waited for: once queued, it comes before any later command.
    """

    def __init__(self, connection: _Connection, lock: Lock) -> None:
        super().__init__(connection, lock)

    async def __aenter__(self) -> TransactionalDBClient:
        # While another process writes, this one's only connection stays free for reads between the tries.
        waited = 0.0
        while not await self._begun(is_last=waited >= BUSY_SECONDS):
            await asyncio.sleep(BUSY_PAUSE)
            waited += BUSY_PAUSE
        self.token = get_connections().set(self.connection_name, self.connection)
        client: TransactionalDBClient = self.connection
        return client

    async def _begun(self, *, is_last: bool) -> bool:
        """Hold the connection with its transaction begun, or leave it free and return False where the lock is taken."""
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
        except BaseException:  # a full disk, a deferred constraint: SQLite keeps the transaction open
            await self._abandon()
            raise
        self._trxlock.release()

    async def _abandon(self) -> None:
        try:
            if self.connection._connection:
                await self.connection._connection.rollback()
        finally:
            self._trxlock.release()


def _is_busy(error: BaseException) -> bool:
    return getattr(error.__cause__, "sqlite_errorname", "") == "SQLITE_BUSY"


client_class = SqliteEngine
