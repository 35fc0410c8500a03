"""A list, a sign-in, a mail or a housekeeping task does not read more rows because other tenants have more data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from models.db.migrate import migrate
from models.db.sql import Sql, write
from tests.bench.rows_read.meter import Reading, metered
from tests.bench.rows_read.multitude import Size, multitude
from tests.bench.rows_read.tasks import ALLOWED, tasks
from tests.support.databases import Database
from tests.support.world import Ask, World

SIZE = Size(providers=8, users=6_000, events=12_000, others=2_400)
MOST = 2_200
"""The maximum number of rows that one statement may read.

The limit allows each of these reads: a page of 50 with its neighbours, a batch of 500 with the rows that belong to it,
and a page for each of a technician's twelve portals. On SQLite, a row that is compared with a cursor counts a little
more.
"""


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    with capture_logs():
        yield


MOST_PAGES = 30
"""The maximum number of PostgreSQL's pages that the lookup of one login may read: two indexes and a row."""


async def test_no_statement_reads_more_rows_for_what_others_have(db: Database, world: World, ask: Ask) -> None:
    there = await multitude(world, SIZE)
    await write(Sql("ANALYZE"))
    await migrate()  # on SQLite: plans by fixed statistics again, whatever ANALYZE found
    found: dict[tuple[str, str], Reading] = {}

    with metered(without_scans=True) as meter:
        async for task in tasks(world, ask, there):
            meter.take()
            await task.run()
            readings = meter.take()
            found |= {(task.name, reading.statement): reading for reading in readings if _is_much(reading)}

    assert {name: (reading.rows, reading.pages) for name, reading in found.items() if name[1] not in ALLOWED} == {}


def _is_much(reading: Reading) -> bool:
    is_look_up = reading.statement == "models.auth.unscoped._accounts"
    return reading.rows > MOST or (is_look_up and (reading.pages or 0) > MOST_PAGES)
