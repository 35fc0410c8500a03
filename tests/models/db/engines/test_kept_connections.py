"""Connections that stay open between statements: every task can use them, and none is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import OperationalError
from tortoise.transactions import in_transaction

from models.db.database import CONNECTION, database, pool
from models.db.engines import kept_connections
from models.db.engines.connection_limit import limit_connections
from models.db.sql import fetch, sql, write
from tests.support.databases import Database, on_postgres
from tests.support.databases.cancellation import assert_nothing_open, cancel_at_random_moments

pytestmark = on_postgres


async def server_process() -> int:
    """Read from PostgreSQL. Return the id of the server process that answered: each connection has its own."""
    return int((await fetch(sql("SELECT pg_backend_pid() AS pid")))[0]["pid"])


def connections() -> Any:
    engine: Any = get_connection(CONNECTION)
    return engine.kept


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(5000):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise TimeoutError


async def test_the_next_read_and_the_next_transaction_take_the_kept_connection(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_connections, "KEPT_SECONDS", 60)  # however slow the machine is
    first = await server_process()
    second = await server_process()
    async with in_transaction():
        third = await server_process()
    fourth = await server_process()

    assert first == second == third == fourth
    assert len(connections()) == 1
    await assert_nothing_open(db)


async def test_a_kept_connection_counts_as_free_and_returns_to_the_pool(db: Database) -> None:
    await server_process()
    state = pool()

    assert state is not None
    assert state.free == state.most
    await until(lambda: len(connections()) == 0)
    await assert_nothing_open(db)


async def test_a_failed_statement_is_reported_and_loses_no_connection(db: Database) -> None:
    for _ in range(20):
        with pytest.raises(OperationalError):
            await fetch(sql("SELECT no_such_column"))

    assert await server_process()
    await assert_nothing_open(db)


async def test_reads_and_writes_cancelled_at_random_lose_no_connection(db: Database) -> None:
    async def statements() -> None:
        await fetch(sql("SELECT pg_sleep(0.0003)"))
        await write(sql("UPDATE portal SET name = name"))
        async with in_transaction():
            await fetch(sql("SELECT 1"))

    with limit_connections(2):
        done = await cancel_at_random_moments(statements, times=300, within=0.004)
        assert await server_process()

    assert done < 300
    await assert_nothing_open(db)


async def test_the_allowance_of_a_request_is_whole_after_cancelled_and_failed_reads(db: Database) -> None:
    with limit_connections(1):
        for statement in ("SELECT pg_sleep(5)", "SELECT no_such_column"):
            read = asyncio.ensure_future(fetch(sql(statement)))
            await asyncio.wait([read], timeout=0.01)
            read.cancel()
            await asyncio.wait([read])
        async with asyncio.timeout(5):
            assert await server_process()


async def test_a_release_that_ends_at_its_time_limit_leaves_the_connection_open(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_connections, "CANCEL_SECONDS", 0)  # as on a machine that is too busy to end it in time
    connection = await connections().acquire(5)
    process = await connection.fetchval("SELECT pg_backend_pid()")

    await connections().release(connection)

    assert await server_process() == process
    await assert_nothing_open(db)


async def test_tasks_that_wait_for_a_small_pool_get_the_next_free_connection(closed_db: Database) -> None:
    async def transaction() -> None:
        async with in_transaction():
            await fetch(sql("SELECT 1"))

    async with database(closed_db.url, pool_size=2), asyncio.timeout(20):
        await asyncio.gather(*(task for _ in range(40) for task in (fetch(sql("SELECT 1")), transaction())))

        state = pool()
        assert state is not None
        assert (state.most, state.free) == (2, 2)


async def test_a_read_of_another_task_is_not_inside_a_running_transaction(db: Database) -> None:
    began, seen = asyncio.Event(), asyncio.Event()
    await server_process()

    async def transaction() -> int:
        async with in_transaction():
            await write(sql("UPDATE portal SET name = name"))
            process = await server_process()
            began.set()
            await seen.wait()
            return process

    running = asyncio.ensure_future(transaction())
    await began.wait()
    other = await server_process()
    seen.set()

    assert other != await running


async def test_a_failed_transaction_leaves_no_connection_in_a_transaction(db: Database) -> None:
    async def fails() -> None:
        async with in_transaction():
            await write(sql("UPDATE portal SET name = name"))
            raise ZeroDivisionError

    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            await fails()

    assert await server_process()
    await assert_nothing_open(db)


async def test_a_connection_that_the_server_has_closed_is_replaced(db: Database) -> None:
    process = await server_process()
    kept = connections()._kept[0]
    admin = await asyncpg.connect(db.url)
    await admin.execute("SELECT pg_terminate_backend($1)", process)
    await admin.close()
    await until(lambda: kept._con is None or kept._con.is_closed())

    assert await server_process() != process
    await assert_nothing_open(db)


async def test_closing_the_database_releases_kept_connections(closed_db: Database) -> None:
    async with database(closed_db.url):
        await server_process()
        kept = connections()
        assert len(kept) == 1

    assert len(kept) == 0
