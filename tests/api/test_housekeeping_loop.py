"""Housekeeping inside the server: when it runs, in which process, and how it handles failures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from structlog.testing import capture_logs

from api import app as server
from api.housekeeping_loop import HousekeepingLoop
from api.parts import make_parts
from api.settings.settings import load
from models.db.sql import Sql, write
from models.tables import Lease, PortalUser
from rules.lifecycle.statuses import Status
from services.housekeeping.run import Housekeeping
from tests.support.databases import Database
from tests.support.world import TestClock, World

DEADLINE = 60
SECRET = "a-secret-for-tests-of-32-bytes-or-more"


def loop(world: World, poll: timedelta = timedelta(milliseconds=1)) -> HousekeepingLoop:
    return HousekeepingLoop(Housekeeping(world.parts.runtime), jitter=lambda: 0.5, poll=poll)


async def test_whatever_is_due_is_done_while_the_server_runs_and_once_an_hour(world: World, clock: TestClock) -> None:
    bob = await world.user()
    await PortalUser.all().update(idle_warned_at=clock.now())
    clock.advance(timedelta(days=90))

    with capture_logs() as logs:
        async with asyncio.timeout(DEADLINE), loop(world).running():
            while not await Lease.filter(finished_at=clock.now()):  # noqa: ASYNC110  # a changed row sends no signal
                await asyncio.sleep(0)
            clock.advance(timedelta(minutes=59))
            kim = await world.user()
        await loop(world).run_if_due()

    assert [(line["event"], line.get("idleSuspended")) for line in logs] == [
        ("security.audit_checkpoint", None),
        ("housekeeping.done", 1),
    ]
    assert (await world.status(bob), await world.status(kim)) == (Status.SUSPENDED, Status.ACTIVE)


async def test_it_ends_at_once_where_there_is_nothing_to_finish(world: World) -> None:
    async with asyncio.timeout(DEADLINE), loop(world, timedelta(hours=1)).running():
        pass

    assert not [task for task in asyncio.all_tasks() if task.get_name() == "housekeeping"]
    assert not await Lease.exists()


async def test_a_task_that_fails_is_logged_with_its_cause_and_without_statements(world: World) -> None:
    await write(Sql("DROP TABLE known_source"))

    with capture_logs() as logs:
        await loop(world).run_if_due()

    (line,) = [line for line in logs if line["log_level"] == "error"]
    assert (line["event"], line["task"]) == ("housekeeping.task_failed", "sourcesDropped")
    assert "known_source" not in f"{line['exception']} {line['cause']}"
    lease = await Lease.get(name="housekeeping")
    assert (lease.holder, lease.finished_at) == (None, world.clock.now())


@asynccontextmanager
async def serving(closed_db: Database, **settings: Any) -> AsyncIterator[set[str]]:
    """Run the application. Yield the names of its asyncio tasks."""
    parts = make_parts(load(database_url=closed_db.url, secret_key=SECRET, **settings), TestClock())
    application = server.app(parts)
    async with application.router.lifespan_context(application):
        yield {task.get_name() for task in asyncio.all_tasks()}


async def test_the_server_does_it_unless_that_is_left_to_others(closed_db: Database) -> None:
    async with serving(closed_db) as inside:
        pass
    async with serving(closed_db, housekeeping="off") as off:
        pass

    assert ("housekeeping" in inside, "housekeeping" in off) == (True, False)
