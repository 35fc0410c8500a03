"""Cancelled callers and failed commits leave no transaction open."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from models.db.database import CONNECTION
from tests.models.db.counters import begin_and_end, fetch_value
from tests.support.databases import Database, on_sqlite
from tests.support.databases.cancellation import assert_nothing_open, cancel_at_random_moments


@pytest.mark.usefixtures("counters")
async def test_transactions_cancelled_at_random_leave_none_open_and_lose_no_connection(db: Database) -> None:
    done = await cancel_at_random_moments(begin_and_end, times=300, within=0.001)

    assert done < 300
    await assert_all_free(db)


@pytest.mark.usefixtures("counters")
async def test_statements_cancelled_at_random_leave_none_open_and_lose_no_connection(db: Database) -> None:
    insert = {"sqlite": "INSERT INTO counter VALUES (?, ?)", "postgres": "INSERT INTO counter VALUES ($1, $2)"}[db.kind]

    async def insert_many() -> None:
        await get_connection(CONNECTION).execute_many(insert, [[n, n] for n in range(100, 150)])

    done = await cancel_at_random_moments(insert_many, times=100, within=0.001)

    assert done < 100
    await assert_all_free(db)
    assert await fetch_value("SELECT count(*) % 50 FROM counter") == 2  # all of them or none


@pytest.mark.usefixtures("counters")
@on_sqlite
async def test_a_commit_that_fails_leaves_no_transaction_open(db: Database) -> None:
    connection = get_connection(CONNECTION)
    await connection.execute_script("CREATE TABLE child (id INT REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
    await connection.execute_script("CREATE TABLE parent (id INT PRIMARY KEY)")

    with pytest.raises(sqlite3.IntegrityError):
        async with in_transaction() as transaction:
            await transaction.execute_query("INSERT INTO child VALUES (1)")

    await assert_all_free(db)
    assert await fetch_value("SELECT count(*) FROM child") == 0


@pytest.mark.usefixtures("counters")
@on_sqlite
async def test_a_script_inside_a_transaction_is_rolled_back_with_it(db: Database) -> None:
    async def fail_after_the_script() -> None:
        async with in_transaction() as transaction:
            await transaction.execute_script("CREATE TABLE a (id INT); -- one; two\nINSERT INTO a VALUES (1);")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_the_script()

    assert await fetch_value("SELECT count(*) FROM sqlite_master WHERE name = 'a'") == 0


async def assert_all_free(db: Database) -> None:
    async with asyncio.timeout(5):
        await begin_and_end()
    assert await fetch_value("SELECT count(DISTINCT value) FROM counter WHERE id IN (1, 2)") == 1
    await assert_nothing_open(db)
