"""A database that is missing, lost or busy. The caller is answered in time, and a later caller finds it working."""

from __future__ import annotations

import asyncio
import contextvars
import sqlite3
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import OperationalError
from tortoise.transactions import in_transaction

from models.db.database import CONNECTION, database, healthy
from models.db.database_errors import transient, unavailable
from rules.refusals import Code, Refusal
from tests.models.db.counters import begin_and_end, fetch_value
from tests.support.databases import Database, on_postgres, on_sqlite


@on_postgres
async def test_a_caller_who_finds_every_connection_taken_gets_an_error_in_time(closed_db: Database) -> None:
    async with database(closed_db.url, pool_size=1, patience=timedelta(milliseconds=20)), in_transaction():
        for attempt in (begin_and_end, _ask):
            stranger = asyncio.create_task(attempt(), context=contextvars.Context())
            with pytest.raises(Exception, match="No connection") as refused:
                await stranger
            assert unavailable(refused.value)


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    for address in ("postgres://postgres@127.0.0.1:1/gatehouse", f"postgres://postgres@/gatehouse?host={tmp_path}"):
        with pytest.raises(Exception, match="No connection") as refused:
            async with database(address):
                pass
        assert unavailable(refused.value)
        assert not transient(refused.value)


@on_postgres
async def test_a_server_that_shuts_a_connection_is_unavailable_until_the_next_call(db: Database) -> None:
    with pytest.raises(Exception, match=r"terminat|closed") as lost:
        await fetch_value("SELECT pg_terminate_backend(pg_backend_pid())")

    assert unavailable(lost.value)
    assert await healthy()


@pytest.mark.usefixtures("counters")
@on_postgres
async def test_a_connection_lost_inside_a_transaction_is_unavailable(db: Database) -> None:
    with pytest.raises(Exception, match=r"terminat|closed") as lost:
        async with in_transaction():
            await fetch_value("SELECT pg_terminate_backend(pg_backend_pid())")

    assert unavailable(lost.value)
    await begin_and_end()


@on_postgres
@pytest.mark.parametrize("limit", ["statement_timeout", "lock_timeout"])
async def test_a_wait_that_postgresql_ends_is_unavailable(db: Database, limit: str) -> None:
    admin = await asyncpg.connect(db.url)
    await admin.execute("SELECT pg_advisory_lock(1)")

    async def wait_in_vain() -> None:
        async with in_transaction():
            await fetch_value(f"SET LOCAL {limit} = '10ms'")
            await fetch_value("SELECT pg_advisory_xact_lock(1)")

    with pytest.raises(asyncpg.PostgresError) as ended:
        await wait_in_vain()

    await admin.close()
    assert unavailable(ended.value)
    assert not transient(ended.value)


@on_postgres
async def test_a_database_that_is_gone_is_not_healthy(db: Database) -> None:
    admin = await asyncpg.connect(urlsplit(db.url)._replace(path="/postgres").geturl())
    await admin.execute(f"ALTER DATABASE {_name(db)} ALLOW_CONNECTIONS false")
    await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", _name(db))
    await admin.close()

    assert not await healthy()


@pytest.mark.usefixtures("counters")
@on_sqlite
async def test_a_database_that_another_process_keeps_writing_to_is_unavailable(db: Database) -> None:
    await fetch_value("PRAGMA busy_timeout = 1")
    other = _neighbour(db)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(OperationalError, match="database is locked") as busy:
        await begin_and_end()

    assert unavailable(busy.value)
    assert not transient(busy.value)
    other.close()
    await begin_and_end()


@pytest.mark.usefixtures("counters")
@on_sqlite
async def test_a_reader_who_turns_writer_too_late_has_merely_lost_a_race(db: Database) -> None:
    other = _neighbour(db)
    connection = get_connection(CONNECTION)
    await connection.execute_query("BEGIN")
    await connection.execute_query("SELECT * FROM counter")
    other.execute("INSERT INTO counter VALUES (3, 3)")

    with pytest.raises(OperationalError, match="database is locked") as late:
        await connection.execute_query("INSERT INTO counter VALUES (4, 4)")

    assert transient(late.value)
    assert not unavailable(late.value)
    await connection.execute_query("ROLLBACK")
    other.close()


def test_a_refusal_is_neither_transient_nor_unavailable_whatever_led_to_it() -> None:
    refusal = Refusal(Code.NOT_FOUND)
    refusal.__context__ = asyncpg.DeadlockDetectedError("deadlock detected")
    refusal.__cause__ = ConnectionRefusedError()

    assert not transient(refusal)
    assert not unavailable(refusal)


async def _ask() -> None:
    await fetch_value("SELECT 1")


def _neighbour(db: Database) -> sqlite3.Connection:
    """Open another connection to the SQLite file, which does not wait for locks."""
    return sqlite3.connect(db.url.removeprefix("sqlite://"), timeout=0, isolation_level=None)


def _name(db: Database) -> str:
    return urlsplit(db.url).path[1:]
