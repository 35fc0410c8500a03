"""Fixtures that the tests of this folder share."""

from __future__ import annotations

import pytest_asyncio
from tortoise.connection import get_connection

from models.db.database import CONNECTION
from tests.support.databases import Database


@pytest_asyncio.fixture
async def counters(db: Database) -> None:
    """Create the table `counter` with two rows, whose value is 0. The function `begin_and_end` changes both rows."""
    await get_connection(CONNECTION).execute_script("CREATE TABLE counter (id INT, value INT)")
    await get_connection(CONNECTION).execute_script("INSERT INTO counter VALUES (1, 0), (2, 0)")
