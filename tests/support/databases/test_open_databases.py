"""A PostgreSQL database stays open for the next test, unless the test left it in disorder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from models.db.sql import connection, fetch, is_postgres, sql
from tests.support.databases import Database, on_postgres
from tests.support.databases.open_databases import OpenDatabases

pytestmark = on_postgres


@pytest_asyncio.fixture
async def opened() -> AsyncIterator[OpenDatabases]:
    opened = OpenDatabases()
    yield opened
    await opened.close()


async def _backend() -> int:
    return int((await fetch(sql("SELECT pg_backend_pid() AS pid")))[0]["pid"])


async def test_a_database_keeps_its_connection_for_the_next_use(closed_db: Database, opened: OpenDatabases) -> None:
    async with opened.used(closed_db):
        first = await _backend()

    async with opened.used(closed_db):
        second = await _backend()

    assert first == second


async def test_no_database_is_open_between_two_uses(closed_db: Database, opened: OpenDatabases) -> None:
    async with opened.used(closed_db):
        assert is_postgres()

    with pytest.raises(RuntimeError):
        connection()


async def test_a_task_that_a_use_leaves_is_cancelled(closed_db: Database, opened: OpenDatabases) -> None:
    async with opened.used(closed_db):
        left = asyncio.create_task(asyncio.Event().wait())

    assert left.cancelled()


async def test_a_database_with_a_connection_in_use_is_opened_anew(closed_db: Database, opened: OpenDatabases) -> None:
    async with opened.used(closed_db):
        first = await _backend()
        await connection()._pool.acquire()

    async with opened.used(closed_db):
        second = await _backend()

    assert first != second


async def test_a_database_that_is_dropped_is_forgotten(closed_db: Database, opened: OpenDatabases) -> None:
    async with opened.used(closed_db):
        first = await _backend()
    assert opened.backends(closed_db.url) == [first]

    opened.forget(closed_db.url)

    assert opened.backends(closed_db.url) == []
