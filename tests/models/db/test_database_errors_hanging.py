"""A database server that hangs. Callers still get an answer within the time limits."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from models.db.database import CONNECTION, database, healthy, trouble
from models.db.database_errors import unavailable
from tests.support.databases.postgres.server import start_server, take_down


@pytest.fixture
def own_server() -> Iterator[tuple[str, Path]]:
    """Start a PostgreSQL server for this test only. Yield its URL and its data folder."""
    folder = Path(tempfile.mkdtemp(prefix="gatehouse-"))
    try:
        yield start_server(folder), folder / "postgres"
    finally:
        take_down(folder)


@contextmanager
def stopped_later(data: Path) -> Iterator[Callable[[], None]]:
    """Yield a function that pauses every process of PostgreSQL. At the end of the `with` statement, they continue.

    A paused server accepts connections, but answers nothing.
    """
    processes: list[int] = []

    def stop() -> None:
        postmaster = int((data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        processes.extend([postmaster, *map(int, children)])
        for process in processes:
            os.kill(process, signal.SIGSTOP)

    try:
        yield stop
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


@contextmanager
def stopped(data: Path) -> Iterator[None]:
    """Pause every process of the PostgreSQL server with the folder `data` while the body runs."""
    with stopped_later(data) as stop:
        stop()
        yield


SOON = timedelta(milliseconds=50)

BEYOND = 30
"""The number of seconds after which a test counts a wait as a hang and fails."""


async def _goes_on() -> None:
    async with asyncio.timeout(BEYOND):
        while not await healthy():
            pass


async def test_a_server_that_hangs_is_unavailable_until_it_goes_on(own_server: tuple[str, Path]) -> None:
    url, data = own_server
    async with database(url, statement_timeout=SOON):
        assert await healthy()

        with stopped(data):
            async with asyncio.timeout(BEYOND):
                with pytest.raises(TimeoutError) as given_up:
                    await get_connection(CONNECTION).execute_query("SELECT 1")
                why = await trouble(within=0.05)

        await _goes_on()
    assert unavailable(given_up.value)
    assert why == "no answer, or no free connection, in time (TimeoutError)"


async def test_a_server_that_hangs_in_a_transaction_is_given_up_and_writes_nothing(
    own_server: tuple[str, Path],
) -> None:
    url, data = own_server
    async with database(url, statement_timeout=SOON):
        with stopped_later(data) as stop:

            async def write_and_wait() -> None:
                async with in_transaction() as transaction:
                    await transaction.execute_query("CREATE TABLE written (id INT)")
                    stop()
                    await transaction.execute_query("SELECT 1")

            async with asyncio.timeout(BEYOND):
                with pytest.raises(TimeoutError) as given_up:
                    await write_and_wait()

        await _goes_on()
        rows = await get_connection(CONNECTION).execute_query_dict("SELECT to_regclass('written') AS found")
    assert unavailable(given_up.value)
    assert rows == [{"found": None}]
