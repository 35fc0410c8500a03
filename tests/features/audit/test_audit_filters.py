"""Filters of the audit log by type, actor, time and reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from resolvers.core.global_ids import global_id
from resolvers.core.scalars import write_instant
from tests.rules.cases import an_id
from tests.support.world import Ask, Person, TestClock, World

FILTERED = """
query ($filter: AuditFilter, $portalId: ID) {
  auditLog(filter: $filter, portalId: $portalId) { totalCount nodes { event isSystem reason } }
}
"""


async def found(ask: Ask, viewer: Person, **conditions: Any) -> list[str]:
    log = (await ask(FILTERED, actor=viewer, filter=conditions)).data["auditLog"]
    assert log["totalCount"] == len(log["nodes"])
    return [event["event"] for event in log["nodes"]]


async def test_a_log_is_filtered_by_type(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    for action in ("lockUsers", "unlockUsers", "deactivateUsers"):
        await ask.act(action, ann, bob)

    assert await found(ask, ann, eventIn=["USER_LOCKED", "USER_DEACTIVATED"]) == ["USER_DEACTIVATED", "USER_LOCKED"]
    assert await found(ask, ann, eventIn=["USER_ERASED"]) == []
    assert await found(ask, ann, eventIn=[]) == []
    assert await found(ask, ann, eventIn=None) == ["USER_DEACTIVATED", "USER_UNLOCKED", "USER_LOCKED"]


async def test_a_log_is_filtered_by_actor(world: World, ask: Ask) -> None:
    portal = await world.portal()
    nora, ann, bob = await world.mssp_admin(), await world.portal_admin(portal), await world.user(portal)
    await ask.act("lockUsers", nora, bob)
    await ask.act("unlockUsers", ann, bob)

    assert await found(ask, ann, actorId=ann.gid) == ["USER_UNLOCKED"]
    assert await found(ask, ann, actorId=nora.gid) == ["USER_LOCKED"]
    for unknown in (global_id("PortalUser", an_id()), global_id("Portal", portal.id), "x"):
        assert await found(ask, ann, actorId=unknown) == []


async def test_a_log_is_filtered_by_time(world: World, ask: Ask, clock: TestClock) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    await ask.act("lockUsers", ann, bob)
    locked_at = clock.now()
    clock.advance(timedelta(minutes=10))
    await ask.act("unlockUsers", ann, bob)

    assert await found(ask, ann, after=write_instant(locked_at)) == ["USER_UNLOCKED", "USER_LOCKED"]
    assert await found(ask, ann, before=write_instant(locked_at)) == []
    assert await found(ask, ann, after="PT5M") == ["USER_UNLOCKED"]
    assert await found(ask, ann, before="PT5M") == ["USER_LOCKED"]
    assert await found(ask, ann, after="PT10M", before="P0D") == ["USER_LOCKED"]


async def test_a_log_is_searched_for_a_part_of_the_reason(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    await ask.act("lockUsers", ann, bob, reason="Ticket-4711: 100% sure")
    await ask.act("unlockUsers", ann, bob)

    for search in ("4711", "TICKET", " ticket-47 ", "100%"):
        assert await found(ask, ann, search=search) == ["USER_LOCKED"]
    for search in ("4712", "100_"):
        assert await found(ask, ann, search=search) == []
    assert await found(ask, ann, search=" ") == ["USER_UNLOCKED", "USER_LOCKED"]


async def test_a_search_of_reasons_is_bounded(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()

    reply = await ask(FILTERED, actor=ann, filter={"search": "x" * 201})

    assert reply.codes == ["BAD_USER_INPUT"]
    assert await found(ask, ann, search="x" * 200) == []


async def test_a_type_that_this_version_lacks_is_refused(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()

    reply = await ask(FILTERED, actor=ann, filter={"eventIn": ["USER_PROMOTED"]})

    assert reply.codes == ["BAD_USER_INPUT"]


async def test_a_filter_finds_nothing_in_a_portal_of_others(world: World, ask: Ask) -> None:  # L3
    mine, sibling = await world.portal("mine"), await world.portal("sibling")
    ann, bea = await world.portal_admin(mine), await world.portal_admin(sibling)
    await ask.act("lockUsers", bea, await world.user(sibling))

    assert await found(ask, ann, actorId=bea.gid) == []
    assert await found(ask, ann, eventIn=["USER_LOCKED"]) == []
