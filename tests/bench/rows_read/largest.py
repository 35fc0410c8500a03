"""Print the rows that each statement reads among 200,000 users and 1,000,000 events.

`make rows-read` runs this with pytest.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rich.console import Console
from structlog.testing import capture_logs

from models.db.migrate import migrate
from models.db.sql import Sql, write
from tests.bench.rows_read.meter import Reading, metered
from tests.bench.rows_read.multitude import Size, multitude
from tests.bench.rows_read.tasks import ALLOWED, tasks
from tests.bench.rows_read.test_rows_read import MOST
from tests.support.databases import Database
from tests.support.world import Ask, World

out = Console(highlight=False, markup=False, soft_wrap=True)
SIZE = Size(providers=20, users=200_000, events=1_000_000, others=20_000)


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    with capture_logs():
        yield


async def test_the_rows_read_per_statement_are_printed(db: Database, world: World, ask: Ask) -> None:
    there = await multitude(world, SIZE)
    await write(Sql("ANALYZE"))
    await migrate()  # on SQLite: plans by fixed statistics again, whatever ANALYZE found
    worst: dict[str, tuple[Reading, str]] = {}

    with metered() as meter:
        async for task in tasks(world, ask, there):
            meter.take()
            await task.run()
            for reading in meter.take():
                known = worst.get(reading.statement)
                if known is None or known[0].rows < reading.rows:
                    worst[reading.statement] = reading, task.name

    out.print(f"\n| statement on {db.kind} | rows read at most | pages | by | |\n|---|--:|--:|---|---|")
    for statement, (reading, name) in sorted(worst.items(), key=lambda each: -each[1][0].rows):
        flag = "" if reading.rows <= MOST else ALLOWED.get(statement, "**scans**")
        out.print(f"| `{statement}` | {reading.rows:,} | {reading.pages or ''} | {name} | {flag} |")
    assert worst
