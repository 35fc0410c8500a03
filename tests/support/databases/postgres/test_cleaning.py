"""A PostgreSQL database that a test has used is as good as a new one, or is not used again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest
import pytest_asyncio

from tests.support.databases import Database, on_postgres
from tests.support.databases.postgres.cleaning import USES, Cleaner

pytestmark = on_postgres

ROWS = """
    INSERT INTO mssp (id, name) VALUES ('00000000-0000-7000-8000-000000000001', 'MSSP');
    UPDATE housekeeping_task SET succeeded_at = now();
    DELETE FROM housekeeping_task WHERE name = (SELECT min(name) FROM housekeeping_task);
"""
NAMES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"


@pytest_asyncio.fixture
async def connection(closed_db: Database) -> AsyncIterator[Any]:
    """Open the connection with which a test changes the database."""
    connection = await asyncpg.connect(closed_db.url)
    yield connection
    connection.terminate()


@pytest_asyncio.fixture
async def cleaner(closed_db: Database) -> AsyncIterator[Cleaner]:
    cleaner = await Cleaner.of(closed_db.url)
    yield cleaner
    cleaner.close()


async def content(database: Database) -> dict[str, str]:
    connection = await asyncpg.connect(database.url)
    names = [row[0] for row in await connection.fetch(NAMES)]
    rows = {name: await connection.fetchval(f"SELECT jsonb_agg(t ORDER BY t) FROM {name} t") for name in names}
    await connection.close()
    return rows


async def test_rows_of_a_test_are_gone_and_those_of_the_template_are_back(
    closed_db: Database, cleaner: Cleaner
) -> None:
    before = await content(closed_db)

    for _ in range(2):
        writer = await asyncpg.connect(closed_db.url)
        await writer.execute(ROWS)
        await writer.close()
        assert await content(closed_db) != before
        assert await cleaner.cleaned()
        assert await content(closed_db) == before


async def test_a_test_that_leaves_a_transaction_open_loses_its_connection(
    closed_db: Database, cleaner: Cleaner, connection: Any
) -> None:
    before = await content(closed_db)
    await connection.execute("BEGIN")
    await connection.execute(ROWS)

    assert await cleaner.cleaned()

    assert await content(closed_db) == before
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await connection.execute("COMMIT")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE more (id int)",
        "DROP TABLE operation_portal",
        "ALTER TABLE portal ADD COLUMN more int",
        "CREATE INDEX more ON portal (name)",
        "DROP TRIGGER {trigger} ON audit_event",
        "ANALYZE housekeeping_task",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''1MB''', current_database()); END $$",
    ],
)
async def test_a_database_is_not_used_again_after_a_change_of(
    cleaner: Cleaner, connection: Any, statement: str
) -> None:
    trigger = await connection.fetchval(
        "SELECT min(tgname) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = 'audit_event'::regclass"
    )
    await connection.execute(statement.format(trigger=trigger))

    assert not await cleaner.cleaned()


async def test_a_database_is_not_used_for_ever(cleaner: Cleaner) -> None:
    assert [await cleaner.cleaned() for _ in range(USES)] == [True] * (USES - 1) + [False]


async def test_a_cleaner_whose_connection_is_ended_cleans_no_more(cleaner: Cleaner, connection: Any) -> None:
    await connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    assert not await cleaner.cleaned()
