"""Opening, closing and surviving: whatever happens to a caller, the next one finds a working database."""

from __future__ import annotations

import asyncio
import contextvars
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest
import pytest_asyncio
from tortoise.connection import get_connection
from tortoise.exceptions import ConfigurationError, OperationalError
from tortoise.transactions import in_transaction

from models.db.database import CONNECTION, database, healthy
from models.db.database_errors import transient, unavailable
from rules.refusals import Code, Refusal
from tests.support.cancellation import assert_nothing_open, cancel_at_random_moments
from tests.support.databases import Database, on_postgres, on_sqlite


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


async def test_whoever_is_cancelled_while_opening_or_closing_leaves_nothing_open(closed_db: Database) -> None:
    async def open_and_close() -> None:
        async with database(closed_db.url):
            await healthy()

    await cancel_at_random_moments(open_and_close, times=30, within=0.02)

    await _assert_closed(closed_db)


@on_sqlite
async def test_sqlite_is_set_to_lose_nothing_and_to_wait_its_turn(db: Database) -> None:
    settings = {name: await _value(f"PRAGMA {name}") for name in ("journal_mode", "synchronous", "foreign_keys")}

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert await _value("PRAGMA busy_timeout") == 10_000


@on_postgres
async def test_every_wait_at_postgresql_has_its_limit(db: Database) -> None:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "TimeZone", "application_name")

    settings = [await _value(f"SHOW {name}") for name in names]

    assert settings == ["8s", "7s", "30s", "UTC", "gatehouse"]


@on_postgres
async def test_the_limit_on_statements_can_be_lifted(closed_db: Database) -> None:
    async with database(closed_db.url, statement_timeout=None):
        assert await _value("SHOW statement_timeout") == "0"


@on_postgres
async def test_a_caller_who_finds_every_connection_taken_is_told_in_time(closed_db: Database) -> None:
    async with database(closed_db.url, pool_size=1, patience=timedelta(milliseconds=20)), in_transaction():
        for attempt in (_begin_and_end, _ask):
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
        await _value("SELECT pg_terminate_backend(pg_backend_pid())")

    assert unavailable(lost.value)
    assert await healthy()


@pytest.mark.usefixtures("counters")
@on_postgres
async def test_a_connection_lost_inside_a_transaction_is_unavailable(db: Database) -> None:
    with pytest.raises(Exception, match=r"terminat|closed") as lost:
        async with in_transaction():
            await _value("SELECT pg_terminate_backend(pg_backend_pid())")

    assert unavailable(lost.value)
    await _begin_and_end()


@on_postgres
@pytest.mark.parametrize("limit", ["statement_timeout", "lock_timeout"])
async def test_a_wait_that_postgresql_ends_is_unavailable(db: Database, limit: str) -> None:
    admin = await asyncpg.connect(db.url)
    await admin.execute("SELECT pg_advisory_lock(1)")

    async def wait_in_vain() -> None:
        async with in_transaction():
            await _value(f"SET LOCAL {limit} = '10ms'")
            await _value("SELECT pg_advisory_xact_lock(1)")

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
    await _value("PRAGMA busy_timeout = 1")
    other = _neighbour(db)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(OperationalError, match="database is locked") as busy:
        await _begin_and_end()

    assert unavailable(busy.value)
    assert not transient(busy.value)
    other.close()
    await _begin_and_end()


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


@on_postgres
@pytest.mark.contrib
async def test_the_modules_that_search_needs_can_be_installed(db: Database) -> None:
    for module in ("pg_trgm", "btree_gin"):
        await get_connection(CONNECTION).execute_script(f"CREATE EXTENSION IF NOT EXISTS {module}")

    assert await _value("SELECT similarity('gatehouse', 'gatehouse')") == 1


def test_a_refusal_is_neither_transient_nor_unavailable_whatever_led_to_it() -> None:
    refusal = Refusal(Code.NOT_FOUND)
    refusal.__context__ = asyncpg.DeadlockDetectedError("deadlock detected")
    refusal.__cause__ = ConnectionRefusedError()

    assert not transient(refusal)
    assert not unavailable(refusal)


@pytest.mark.usefixtures("counters")
async def test_transactions_cancelled_at_random_moments_leave_none_open_and_lose_no_connection(db: Database) -> None:
    done = await cancel_at_random_moments(_begin_and_end, times=300, within=0.001)

    assert done < 300
    await _assert_all_free(db)


@pytest.mark.usefixtures("counters")
async def test_statements_cancelled_at_random_moments_leave_none_open_and_lose_no_connection(db: Database) -> None:
    insert = {"sqlite": "INSERT INTO counter VALUES (?, ?)", "postgres": "INSERT INTO counter VALUES ($1, $2)"}[db.kind]

    async def insert_many() -> None:
        await get_connection(CONNECTION).execute_many(insert, [[n, n] for n in range(100, 150)])

    done = await cancel_at_random_moments(insert_many, times=100, within=0.001)

    assert done < 100
    await _assert_all_free(db)
    assert await _value("SELECT count(*) % 50 FROM counter") == 2  # all of them or none


@pytest.mark.usefixtures("counters")
@on_sqlite
async def test_a_commit_that_fails_leaves_no_transaction_open(db: Database) -> None:
    connection = get_connection(CONNECTION)
    await connection.execute_script("CREATE TABLE child (id INT REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
    await connection.execute_script("CREATE TABLE parent (id INT PRIMARY KEY)")

    with pytest.raises(sqlite3.IntegrityError):
        async with in_transaction() as transaction:
            await transaction.execute_query("INSERT INTO child VALUES (1)")

    await _assert_all_free(db)
    assert await _value("SELECT count(*) FROM child") == 0


@pytest.mark.usefixtures("counters")
@on_sqlite
async def test_a_script_inside_a_transaction_is_rolled_back_with_it(db: Database) -> None:
    async def fail_after_the_script() -> None:
        async with in_transaction() as transaction:
            await transaction.execute_script("CREATE TABLE a (id INT); -- one; two\nINSERT INTO a VALUES (1);")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_the_script()

    assert await _value("SELECT count(*) FROM sqlite_master WHERE name = 'a'") == 0


@pytest_asyncio.fixture
async def counters(db: Database) -> None:
    """Two rows that `_begin_and_end` changes together."""
    await get_connection(CONNECTION).execute_script("CREATE TABLE counter (id INT, value INT)")
    await get_connection(CONNECTION).execute_script("INSERT INTO counter VALUES (1, 0), (2, 0)")


async def _begin_and_end() -> None:
    async with in_transaction() as transaction:
        await transaction.execute_query("UPDATE counter SET value = value + 1 WHERE id = 1")
        await transaction.execute_query("UPDATE counter SET value = value + 1 WHERE id = 2")


async def _ask() -> None:
    await _value("SELECT 1")


async def _assert_all_free(db: Database) -> None:
    async with asyncio.timeout(5):
        await _begin_and_end()
    assert await _value("SELECT count(DISTINCT value) FROM counter WHERE id IN (1, 2)") == 1
    await assert_nothing_open(db)


async def _assert_closed(db: Database) -> None:
    if db.kind == "sqlite":
        workers = [thread for thread in threading.enumerate() if "_connection_worker_thread" in thread.name]
        for worker in workers:
            worker.join(timeout=5)
            assert not worker.is_alive()
    else:
        admin = await asyncpg.connect(db.url)
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        async with asyncio.timeout(5):
            while await admin.fetchval(others):  # a server process takes a moment to go
                pass
        await admin.close()
    async with database(db.url):
        assert await healthy()


async def _value(query: str) -> Any:
    rows = await get_connection(CONNECTION).execute_query_dict(query)
    return next(iter(rows[0].values())) if rows else None


def _neighbour(db: Database) -> sqlite3.Connection:
    """Another process's connection; it waits for nobody."""
    return sqlite3.connect(db.url.removeprefix("sqlite://"), timeout=0, isolation_level=None)


def _name(db: Database) -> str:
    return urlsplit(db.url).path[1:]
