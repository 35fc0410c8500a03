"""Opening and closing a database, and its settings."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import ConfigurationError

from models.db.database import CONNECTION, database, healthy
from tests.models.db.counters import fetch_value
from tests.support.databases import Database, on_postgres, on_sqlite
from tests.support.databases.cancellation import cancel_at_random_moments


@pytest.mark.parametrize("url", ["mysql://root:secret@host/db", "gatehouse.db", ""])
async def test_an_unknown_kind_of_database_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="begins with sqlite:// or postgres://") as refusal:
        async with database(url):
            pass

    assert "secret" not in str(refusal.value)


async def test_a_missing_folder_for_sqlite_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere does not exist"):
        async with database(f"sqlite://{tmp_path}/nowhere/gatehouse.db"):
            pass


async def test_a_relative_path_begins_where_the_process_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async with database("sqlite://gatehouse.db"):
        pass

    assert (tmp_path / "gatehouse.db").exists()


async def test_every_task_reaches_the_open_database_whatever_its_context(db: Database) -> None:
    stranger = asyncio.create_task(healthy(), context=contextvars.Context())

    assert await stranger


async def test_only_one_database_is_open_at_a_time(db: Database) -> None:
    with pytest.raises(ConfigurationError):
        async with database(db.url):
            pass

    assert await healthy()


async def test_connections_are_closed_when_the_body_fails(closed_db: Database) -> None:
    async def fail() -> None:
        async with database(closed_db.url):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    await _assert_closed(closed_db)


async def test_connections_are_closed_when_the_body_is_cancelled(closed_db: Database) -> None:
    opened = asyncio.Event()

    async def wait_for_ever() -> None:
        async with database(closed_db.url):
            opened.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(wait_for_ever())
    await opened.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await _assert_closed(closed_db)


async def test_connections_are_closed_when_opening_fails(closed_db: Database) -> None:
    with pytest.raises(ConfigurationError):
        async with database(closed_db.url, models=["models.no_such_module"]):
            pass

    await _assert_closed(closed_db)


async def test_a_caller_cancelled_while_opening_or_closing_leaves_nothing_open(closed_db: Database) -> None:
    async def open_and_close() -> None:
        async with database(closed_db.url):
            await healthy()

    await cancel_at_random_moments(open_and_close, times=30, within=0.02)

    await _assert_closed(closed_db)


@on_sqlite
async def test_sqlite_is_set_to_lose_nothing_and_to_wait_its_turn(db: Database) -> None:
    settings = {name: await fetch_value(f"PRAGMA {name}") for name in ("journal_mode", "synchronous", "foreign_keys")}

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert await fetch_value("PRAGMA busy_timeout") == 10_000


@on_postgres
async def test_every_wait_at_postgresql_has_its_limit(db: Database) -> None:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "TimeZone", "application_name")

    settings = [await fetch_value(f"SHOW {name}") for name in names]

    assert settings == ["8s", "7s", "30s", "UTC", "gatehouse"]


@on_postgres
async def test_the_limit_on_statements_can_be_lifted(closed_db: Database) -> None:
    async with database(closed_db.url, statement_timeout=None):
        assert await fetch_value("SHOW statement_timeout") == "0"


@on_postgres
@pytest.mark.contrib
async def test_the_modules_that_search_needs_can_be_installed(db: Database) -> None:
    for module in ("pg_trgm", "btree_gin"):
        await get_connection(CONNECTION).execute_script(f"CREATE EXTENSION IF NOT EXISTS {module}")

    assert await fetch_value("SELECT similarity('gatehouse', 'gatehouse')") == 1


async def _assert_closed(db: Database) -> None:
    if db.kind == "sqlite":
        workers = [thread for thread in threading.enumerate() if "_connection_worker_thread" in thread.name]
        for worker in workers:
            worker.join(timeout=5)
            assert not worker.is_alive()
    else:
        admin = await asyncpg.connect(db.url)
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'gatehouse'"
        async with asyncio.timeout(5):
            while await admin.fetchval(others):  # a server process takes a moment to go
                pass
        await admin.close()
    async with database(db.url):
        assert await healthy()
