"""A page of an audit log is read along one index, even with PostgreSQL's generic plan.

A generic plan does not depend on the parameters of the statement. PostgreSQL can use it from the sixth time on that a
connection runs the statement.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from models.db.sql import Sql, connection, write
from resolvers.core.global_ids import global_id
from tests.bench.rows_read.meter import Reading, metered
from tests.bench.rows_read.multitude import Multitude, Size, multitude
from tests.support.databases import on_postgres
from tests.support.world import Ask, World

SIZE = Size(providers=3, users=300, events=12_000, others=40)

LOG = """
query ($portal: ID, $user: ID) {
  auditLog(portalId: $portal, userId: $user, first: 50) { nodes { id event } }
}
"""
LOG_OF_USER = "query ($user: ID!) { node(id: $user) { ... on PortalUser { auditLog(first: 50) { nodes { id } } } } }"


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    with capture_logs():
        yield


@on_postgres
@pytest.mark.parametrize("log", ["of a portal", "of a user", "of a user in a portal", "in a user's node"])
async def test_an_audit_log_is_read_along_one_index(world: World, ask: Ask, log: str) -> None:
    there = await multitude(world, SIZE)
    await write(Sql("ANALYZE"))

    with metered() as meter:
        await _read(ask, there, log)

    pages = [reading for reading in meter.take() if "FROM audit_event e" in reading.text]
    plans = [await _generic_plan(page) for page in pages]
    assert plans
    for plan in plans:
        assert "idx_audit_event" in plan
        assert "BitmapAnd" not in plan


async def _read(ask: Ask, there: Multitude, log: str) -> None:
    side = there.large
    portal = global_id("Portal", side.portals[0].id)
    document = LOG_OF_USER if log == "in a user's node" else LOG
    user = {} if log == "of a portal" else {"user": side.user.gid}
    place = {"portal": portal} if log in ("of a portal", "of a user in a portal") else {}
    reply = await ask(document, actor=side.admin, **user, **place)
    assert reply.errors == []


async def _generic_plan(reading: Reading) -> str:
    values = ", ".join(["NULL"] * len(reading.values))
    async with connection().acquire_connection() as raw, raw.transaction():
        await raw.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await raw.execute(f"PREPARE page AS {reading.text}")
        plan = await raw.fetch(f"EXPLAIN EXECUTE page({values})")
        await raw.execute("DEALLOCATE page")
    return "\n".join(line[0] for line in plan)
