"""Fixtures that the tests of this folder share."""

from __future__ import annotations

import pytest
import pytest_asyncio

from services.transactions import Transactions
from tests.services.transactions.counters import execute
from tests.support.databases import Database


@pytest.fixture
def transactions() -> Transactions:
    return Transactions(jitter=lambda: 0.5, secret=bytes)


@pytest_asyncio.fixture(autouse=True)
async def counters(db: Database) -> None:
    await execute("CREATE TABLE counter (id INT PRIMARY KEY, value INT NOT NULL)")
    await execute("INSERT INTO counter VALUES (1, 0), (2, 0)")
