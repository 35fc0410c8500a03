"""The audit log: the actor, the action, the user and the changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from resolvers.core.global_ids import global_id
from rules.audit_events import AuditEventType
from rules.lifecycle.statuses import Status, StatusReason
from services.lifecycle import effects
from tests.rules.cases import an_id
from tests.support.world import Ask, Person, TestClock, World

LOG = """
query ($portalId: ID, $userId: ID) {
  auditLog(portalId: $portalId, userId: $userId) {
    nodes {
      id at event userId reason actorName isSystem
      actor { id } portal { slug } user { id } operation { id action }
      changes { field before after }
    }
    totalCount
  }
}
"""


async def log(ask: Ask, viewer: Person, **arguments: Any) -> list[Any]:
    found = (await ask(LOG, actor=viewer, **arguments)).data["auditLog"]
    assert found["totalCount"] == len(found["nodes"])
    return list(found["nodes"])


def change(field: str, before: str | None, after: str | None) -> dict[str, str | None]:
    return {"field": field, "before": before, "after": after}


@pytest.mark.parametrize(
    ("name", "event", "standing", "changes"),
    [
        (
            "lockUsers",
            "USER_LOCKED",
            {"status": Status.ACTIVE},
            [change("status", "ACTIVE", "SUSPENDED"), change("statusReason", None, "ADMIN_ACTION")],
        ),
        (
            "unlockUsers",
            "USER_UNLOCKED",
            {"status": Status.SUSPENDED, "status_reason": StatusReason.IDLE, "resume_status": Status.RECOVERY},
            [change("status", "SUSPENDED", "RECOVERY"), change("statusReason", "IDLE", None)],
        ),
        (
            "deactivateUsers",
            "USER_DEACTIVATED",
            {"status": Status.ACTIVE},
            [
                change("status", "ACTIVE", "DEACTIVATED"),
                change("statusReason", None, "ADMIN_ACTION"),
                change("holdsSeat", "true", "false"),
            ],
        ),
        (
            "activateUsers",
            "USER_ACTIVATED",
            {"status": Status.DEACTIVATED, "status_reason": StatusReason.WAITING_FOR_SEAT},
            [
                change("status", "DEACTIVATED", "ACTIVE"),
                change("statusReason", "WAITING_FOR_SEAT", None),
                change("holdsSeat", "false", "true"),
            ],
        ),
        (
            "deleteUsers",
            "USER_DELETED",
            {"status": Status.ACTIVE},
            [change("status", "ACTIVE", None), change("holdsSeat", "true", "false")],
        ),
        ("revokeSessions", "USER_SESSIONS_REVOKED", {"status": Status.ACTIVE}, []),
    ],
)
async def test_each_action_is_logged_with_its_changes(  # T11, T18, T19
    world: World, ask: Ask, name: str, event: str, standing: dict[str, Any], changes: list[Any]
) -> None:
    portal = await world.portal("acme")
    ann, bob = await world.portal_admin(portal, first_name="Ann", last_name="Lee"), await world.user(portal, **standing)

    operation = (await ask.act(name, ann, bob, reason="ticket 42"))["operation"]

    (written,) = await log(ask, ann)
    assert written.pop("id")
    assert written == {
        **{"at": "2026-03-01T09:00:00.000Z", "event": event, "userId": bob.gid, "reason": "ticket 42"},
        **{"actorName": "Ann Lee", "isSystem": False, "actor": {"id": ann.gid}, "portal": {"slug": "acme"}},
        "user": None if name == "deleteUsers" else {"id": bob.gid},
        "operation": {"id": operation["id"], "action": operation["action"]},
        "changes": changes,
    }


async def test_only_changes_are_logged(world: World, ask: Ask) -> None:
    ann, people = await world.portal_admin(), await world.users(2)
    staged = await world.user(status=Status.STAGED)

    await ask.act("lockUsers", ann, people[1], staged, ann, "absent", people[0], people[0])

    assert {event["userId"] for event in await log(ask, ann)} == {person.gid for person in people}
    assert len(await log(ask, ann)) == 2


async def test_the_newest_event_comes_first_and_each_is_a_node(world: World, ask: Ask, clock: TestClock) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    for name in ("lockUsers", "unlockUsers", "deactivateUsers"):
        await ask.act(name, ann, bob)
        clock.advance(timedelta(minutes=1))

    events = await log(ask, ann)
    node = await ask(
        "query ($id: ID!) { node(id: $id) { ... on AuditEvent { event } } }", actor=ann, id=events[1]["id"]
    )

    assert [event["event"] for event in events] == ["USER_DEACTIVATED", "USER_UNLOCKED", "USER_LOCKED"]
    assert [event["at"][14:19] for event in events] == ["02:00", "01:00", "00:00"]
    assert node.data == {"node": {"event": "USER_UNLOCKED"}}


async def test_the_log_pages_like_every_list(world: World, ask: Ask) -> None:
    ann, people = await world.portal_admin(), await world.users(25)
    await ask.act("lockUsers", ann, *people)
    document = """
    query ($after: String) {
      auditLog(first: 10, after: $after) { nodes { id } totalCount pageInfo { hasNextPage hasPreviousPage endCursor } }
    }
    """

    found: list[str] = []
    after, sizes = None, []
    for _ in range(3):
        page = (await ask(document, actor=ann, after=after)).data["auditLog"]
        assert (page["totalCount"], page["pageInfo"]["hasPreviousPage"]) == (25, bool(found))
        found += [node["id"] for node in page["nodes"]]
        sizes.append(len(page["nodes"]))
        after = page["pageInfo"]["endCursor"]

    assert (sizes, len(set(found)), page["pageInfo"]["hasNextPage"]) == ([10, 10, 5], 25, False)


async def test_each_viewer_reads_the_log_of_managed_portals(world: World, ask: Ask) -> None:  # L3, T2
    one, two = await world.portal("one"), await world.portal("two")
    other = await world.portal("other", mssp=await world.mssp())
    nora, foreign = await world.mssp_admin(), await world.mssp_admin(await world.mssp())
    people = [await world.user(portal) for portal in (one, two)]
    await ask.act("lockUsers", nora, *people)
    readers = [
        (nora, {"one", "two"}),
        (await world.technician(two), {"two"}),
        (await world.portal_admin(one), {"one"}),
        (await world.technician(), set()),
        (await world.user(one), set()),
        (foreign, set()),
        (await world.portal_admin(other), set()),
    ]

    for reader, slugs in readers:
        assert {event["portal"]["slug"] for event in await log(ask, reader)} == slugs


async def test_the_log_of_a_portal_that_the_viewer_does_not_manage_is_null(world: World, ask: Ask) -> None:  # L3
    mine, sibling = await world.portal("mine"), await world.portal("sibling")
    ann, bob, bea = await world.portal_admin(mine), await world.user(mine), await world.portal_admin(sibling)
    await ask.act("lockUsers", bea, await world.user(sibling))
    hidden = (await log(ask, bea))[0]["id"]

    for id in (global_id("Portal", sibling.id), global_id("Portal", an_id()), "x"):
        assert (await ask(LOG, actor=ann, portalId=id)).data == {"auditLog": None}
    assert (await ask(LOG, actor=bob, portalId=global_id("Portal", mine.id))).data == {"auditLog": None}
    assert await log(ask, ann, portalId=global_id("Portal", mine.id)) == []
    assert (await ask("query ($id: ID!) { node(id: $id) { id } }", actor=ann, id=hidden)).data == {"node": None}


async def test_the_log_of_a_deleted_user_stays(world: World, ask: Ask) -> None:
    ann, bob, eve = await world.portal_admin(), await world.user(), await world.user()
    await ask.act("lockUsers", ann, bob, eve)
    await ask.act("deleteUsers", ann, bob)

    assert [event["event"] for event in await log(ask, ann, userId=bob.gid)] == ["USER_DELETED", "USER_LOCKED"]
    assert len(await log(ask, ann, userId=eve.gid)) == 1
    for id in ("x", global_id("PortalUser", an_id()), global_id("Portal", bob.id)):
        assert await log(ask, ann, userId=id) == []
    assert len(await log(ask, ann, userId=None)) == 3


async def test_a_portal_admin_sees_the_name_of_staff_and_no_more(world: World, ask: Ask) -> None:
    portal = await world.portal()
    nora, ann, bob = await world.mssp_admin(), await world.portal_admin(portal), await world.user(portal)

    operation = (await ask.act("lockUsers", nora, bob))["operation"]["id"]

    (event,) = await log(ask, ann)
    assert (event["actor"], event["actorName"]) == (None, f"Staff {nora.login}")
    assert event["operation"]["id"] == operation
    assert (await log(ask, nora))[0]["actor"] == {"id": nora.gid}


async def test_a_deleted_actor_has_no_name(world: World, ask: Ask) -> None:  # K32
    ann, bea, bob = await world.portal_admin(), await world.portal_admin(), await world.user()
    await ask.act("lockUsers", bea, bob)
    await ask.act("deleteUsers", ann, bea)

    event = (await log(ask, ann))[-1]

    assert (event["event"], event["actor"], event["actorName"]) == ("USER_LOCKED", None, "Deleted account")


async def test_the_actor_of_an_event_without_one_is_the_system(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.row(await world.user())
    assert bob

    runtime, at = world.parts.runtime, world.clock.now()
    await runtime.transactions.run(lambda: effects.record_notices(runtime, AuditEventType.WARNED_AS_IDLE, [bob], at))

    (event,) = await log(ask, ann)
    assert (event["actor"], event["actorName"], event["isSystem"]) == (None, "System", True)
