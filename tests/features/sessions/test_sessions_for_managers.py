"""Managers read the sessions and sign-ins of users, as far as their role allows."""

from __future__ import annotations

from typing import Any

from tests.features.sessions.refreshing import signed_in
from tests.support.world import PASSWORD, Ask, Person, World

DRAWER = """
query ($id: ID!, $filter: AuditFilter) {
  user(id: $id) {
    sessions { id userAgent ipAddress isCurrent }
    auditLog(first: 2, filter: $filter) { totalCount nodes { event user { id } } pageInfo { hasNextPage endCursor } }
  }
}
"""
NODE = "query ($id: ID!) { node(id: $id) { ... on AccountSession { id ipAddress isCurrent } } }"
LIST = "{ users(first: 10) { nodes { id sessions { id } auditLog(first: 1) { nodes { id event } } } } }"


async def drawer(ask: Ask, viewer: Person, user: Person, **variables: Any) -> Any:
    return (await ask(DRAWER, actor=viewer, id=user.gid, **variables)).data["user"]


async def test_staff_see_the_sessions_of_a_user_with_their_addresses(world: World, ask: Ask) -> None:
    portal = await world.portal()
    nora, tim = await world.mssp_admin(), await world.technician(portal)
    bob = await world.user(portal, password=PASSWORD)
    await signed_in(ask, bob)

    for viewer in (nora, tim):
        (session,) = (await drawer(ask, viewer, bob))["sessions"]
        assert (session["ipAddress"], session["isCurrent"]) == ("127.0.0.1", False)
        assert (await ask(NODE, actor=viewer, id=session["id"])).data["node"]["ipAddress"] == "127.0.0.1"


async def test_a_portal_admin_sees_the_sessions_without_addresses(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)
    await signed_in(ask, bob)

    (session,) = (await drawer(ask, ann, bob))["sessions"]
    own = (await ask("{ viewer { sessions { ipAddress isCurrent } } }", actor=ann)).data["viewer"]["sessions"]

    assert session["ipAddress"] is None
    assert (await ask(NODE, actor=ann, id=session["id"])).data["node"]["ipAddress"] is None
    assert own[0]["isCurrent"]


async def test_a_user_who_is_signed_out_has_no_sessions(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)
    await signed_in(ask, bob)
    await ask.act("revokeSessions", ann, bob)

    assert (await drawer(ask, ann, bob))["sessions"] == []


async def test_sessions_of_staff_are_hidden_from_admins_of_another_mssp(world: World, ask: Ask) -> None:
    portal = await world.portal()
    tim, eve = await world.technician(portal), await world.mssp_admin(await world.mssp())
    session = (await ask("{ viewer { sessions { id } } }", actor=tim)).data["viewer"]["sessions"][0]["id"]
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"

    assert (await ask(document, actor=eve, ids=[tim.gid, session])).data["nodes"] == [None, None]


async def test_the_history_of_a_user_is_beside_the_user(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob, eve = await world.portal_admin(portal), await world.user(portal), await world.user(portal)
    for action in ("lockUsers", "unlockUsers", "deactivateUsers"):
        await ask.act(action, ann, bob, eve)

    log = (await drawer(ask, ann, bob))["auditLog"]
    filtered = (await drawer(ask, ann, bob, filter={"eventIn": ["USER_LOCKED"]}))["auditLog"]

    assert (log["totalCount"], [event["event"] for event in log["nodes"]]) == (3, ["USER_DEACTIVATED", "USER_UNLOCKED"])
    assert {event["user"]["id"] for event in log["nodes"]} == {bob.gid}
    assert log["pageInfo"]["hasNextPage"]
    assert [event["event"] for event in filtered["nodes"]] == ["USER_LOCKED"]


async def test_a_portal_user_sees_no_history_and_own_sessions(world: World, ask: Ask) -> None:
    bob = await world.user()

    user = await drawer(ask, bob, bob)

    assert (len(user["sessions"]), user["auditLog"]) == (1, None)


async def test_a_list_shows_each_user_s_own_sessions_and_events(world: World, ask: Ask) -> None:
    portal = await world.portal()
    nora = await world.mssp_admin()
    people = [await world.user(portal, password=PASSWORD) for _ in range(3)]
    for person in people[:2]:
        await signed_in(ask, person)
    await ask.act("lockUsers", nora, people[2])

    nodes = {node["id"]: node for node in (await ask(LIST, actor=nora)).data["users"]["nodes"]}

    assert [len(nodes[person.gid]["sessions"]) for person in people] == [1, 1, 0]
    assert [nodes[person.gid]["auditLog"]["nodes"][0]["event"] for person in people] == [
        "USER_SIGNED_IN",
        "USER_SIGNED_IN",
        "USER_LOCKED",
    ]
