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
from tests.bench.rows_read.meter import Meter, Reading, metered
from tests.bench.rows_read.multitude import Size, multitude
from tests.support.databases import on_postgres
from tests.support.world import Ask, World

SIZE = Size(providers=3, users=300, events=12_000, others=40)

LOG = """
query ($portal: ID, $user: ID, $after: String) {
  auditLog(portalId: $portal, userId: $user, first: 50, after: $after) { nodes { id } pageInfo { endCursor } }
}
"""
LOG_OF_USER = "query ($user: ID!) { node(id: $user) { ... on PortalUser { auditLog(first: 50) { nodes { id } } } } }"


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    with capture_logs():
        yield


@on_postgres
@pytest.mark.parametrize("log", ["all portals", "a portal", "a user", "a user in a portal"])
@pytest.mark.parametrize("who", ["MSSP admin", "technician", "portal admin"])
async def test_the_pages_of_an_audit_log_are_read_along_one_index(world: World, ask: Ask, who: str, log: str) -> None:
    there = await multitude(world, SIZE)
    await write(Sql("ANALYZE"))
    actor, place = there.large.managers[who]
    portal = {"portal": global_id("Portal", place.id)} if log in ("a portal", "a user in a portal") else {}
    user = {"user": there.large.user.gid} if log in ("a user", "a user in a portal") else {}

    with metered() as meter:
        first = await ask(LOG, actor=actor, **portal, **user)
        await ask(LOG, actor=actor, **portal, **user, after=first.data["auditLog"]["pageInfo"]["endCursor"])

    # The whole log of one user may be read and sorted. It is short.
    await _assert_one_index(meter, pages=2, never="BitmapAnd" if user else "Bitmap")


@on_postgres
async def test_the_log_in_the_node_of_a_user_is_read_along_one_index(world: World, ask: Ask) -> None:
    there = await multitude(world, SIZE)
    await write(Sql("ANALYZE"))

    with metered() as meter:
        await ask(LOG_OF_USER, actor=there.large.admin, user=there.large.user.gid)

    await _assert_one_index(meter, pages=1, never="BitmapAnd")


async def _assert_one_index(meter: Meter, *, pages: int, never: str) -> None:
    plans = [await _generic_plan(reading) for reading in meter.take() if "FROM audit_event e" in reading.text]
    assert len(plans) == pages
    for plan in plans:
        assert "idx_audit_event" in plan
        assert never not in plan


async def _generic_plan(reading: Reading) -> str:
    values = ", ".join(["NULL"] * len(reading.values))
    async with connection().acquire_connection() as raw, raw.transaction():
        await raw.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await raw.execute(f"PREPARE page AS {reading.text}")
        plan = await raw.fetch(f"EXPLAIN EXECUTE page({values})")
        await raw.execute("DEALLOCATE page")
    return "\n".join(line[0] for line in plan)
