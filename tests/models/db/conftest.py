"""Fixtures that the tests of this folder share."""

from __future__ import annotations

import pytest_asyncio
from tortoise.connection import get_connection

from models.db.database import CONNECTION
from tests.support.databases import Database


@pytest_asyncio.fixture
async def counters(db: Database) -> None:
    """Create a table with two counters, which `begin_and_end` changes together."""
    await get_connection(CONNECTION).execute_script("CREATE TABLE counter (id INT, value INT)")
    await get_connection(CONNECTION).execute_script("INSERT INTO counter VALUES (1, 0), (2, 0)")
