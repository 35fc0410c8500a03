"""The time of a bulk mutation that deactivates 1,000 users, beside the time of its SQL statements alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx
from tortoise.connection import get_connection

from api.app import app
from api.parts import make_parts
from api.server import freeze_startup_objects
from api.settings.settings import load
from tests.bench.load import PATIENCE
from tests.bench.measurement import Effort, Measurement
from tests.bench.requests import BULK, active_users, is_done
from tests.bench.site import Site

LARGE_PORTAL = 1
DEACTIVATE, ACTIVATE = (BULK.format(name=name) for name in ("deactivateUsers", "activateUsers"))


class Times(NamedTuple):
    """The durations of one bulk mutation in seconds.

    - `wall`: the whole mutation.
    - `statements`: its SQL statements.
    - `cpu`: the CPU time of the process.
    """

    wall: float
    statements: float
    cpu: float


def measure(site: Site, effort: Effort) -> Iterator[Measurement]:
    """Yield two measurements of a bulk deactivation: its duration beside that of its SQL statements, and its CPU time.

    A statement is measured from sending it until its rows are read. The mutation selects the outcome of every user.
    """
    people = active_users(site.target, site.portal(LARGE_PORTAL))
    found = asyncio.run(_rounds(site, people, effort.rounds))
    subject = f"bulk of {len(people):,} deactivations with every outcome"
    wall, statements, cpu = (tuple(seconds * 1000 for seconds in column) for column in zip(*found, strict=True))
    yield Measurement(subject, site.database, "ms", wall, "its SQL statements alone", statements)
    yield Measurement(subject, site.database, "ms of CPU", cpu)


async def _rounds(site: Site, people: list[str], rounds: int) -> list[Times]:
    found = []
    async with _served(site) as client:
        freeze_startup_objects()  # as a server does at its start
        for number in range(rounds + 1):  # the first round opens the connections and compiles the document
            times = await _measured(client, DEACTIVATE, people)
            await _measured(client, ACTIVATE, people)
            if number:
                found.append(times)
    return found


@asynccontextmanager
async def _served(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the site's data in this process, with the keys of its server. Yield a client with the site's token."""
    application = app(make_parts(load(**site.settings)))
    transport = httpx.ASGITransport(application)
    headers = {"authorization": f"Bearer {site.target.token}"}
    async with (
        application.router.lifespan_context(application),
        httpx.AsyncClient(
            transport=transport, base_url="http://localhost", headers=headers, timeout=PATIENCE
        ) as client,
    ):
        yield client


async def _measured(client: httpx.AsyncClient, document: str, people: list[str]) -> Times:
    elapsed: list[float] = []
    connections = _open_connections()
    for connection in connections:
        connection.add_query_logger(lambda query: elapsed.append(query.elapsed))
    begun, cpu = time.perf_counter(), time.process_time()
    response = await client.post("/graphql", json={"query": document, "variables": {"ids": people}})
    times = Times(time.perf_counter() - begun, sum(elapsed), time.process_time() - cpu)
    for connection in connections:
        connection._query_loggers.clear()
    answer = response.json()
    if "errors" in answer or not is_done(people)(answer["data"]):
        raise SystemExit(f"bulk: not the expected answer: {str(answer)[:500]}")
    return times


def _open_connections() -> list[Any]:
    """Return the open connections of the pool. Before the first request, the list is empty."""
    pool = getattr(get_connection("default"), "_pool", None)
    return [holder._con for holder in pool._holders if holder._con is not None] if pool else []
