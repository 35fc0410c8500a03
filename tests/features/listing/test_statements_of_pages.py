"""The number of SQL statements for a page of users does not depend on the page size or the selected fields."""

from __future__ import annotations

import asyncio
from math import inf
from typing import Any

import pytest

from api.graphql.pacing.time_slices import SLICES
from models.tables import Portal
from resolvers.core.global_ids import global_id
from rules.lifecycle.statuses import Status
from tests.features.listing.counting_statements import statements
from tests.features.listing.people import Order, asked, seed_users
from tests.support.databases import Database
from tests.support.world import Ask, Person, World
from tests.support.world.answers import gids

MOST_FOR_A_PAGE = 5
"""The maximum number of statements of a page.

They read the session, the page, the users' portals, the last mails to the users (for availableActions), and the total.
"""

USER = """
id name portal {
  id slug name policy { seatMode lockoutMinutes }
  licenseTiles { seatsTotal seatsAvailable packages { id name isActive portal { slug } } tiles { kind count } }
}
kind username firstName lastName email emailVerifiedAt pendingEmail status statusReason statusChangedAt category role
holdsSeat mfaEnrolled lastSignInAt addedAt modifiedAt version signInBlockers { code }
availableActions { action allowed reason { code message retryable suggestedAction } }
"""

PAGE = f"""
query ($first: Int, $after: String, $orderBy: [UserOrder!], $search: String, $filter: UserFilter) {{
  users(first: $first, after: $after, orderBy: $orderBy, search: $search, filter: $filter) {{
    nodes {{ {USER} }} edges {{ cursor node {{ name portal {{ slug }} }} }}
    pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} totalCount
  }}
}}
"""

NESTED = """
query ($first: Int!) {
  portals(first: $first) {
    nodes {
      slug policy { seatMode } licenseTiles { packages { name } }
      users(first: 3) { nodes { id portal { slug } availableActions(only: [LOCK]) { allowed } } totalCount }
      locked: users(category: DISABLED, orderBy: [{field: LAST_SIGN_IN_AT, direction: DESC}], first: 2) {
        edges { cursor node { signInBlockers { code } } } pageInfo { hasNextPage }
      }
    }
    totalCount
  }
}
"""

ORDERS: list[Order] = [
    (("LAST_NAME", False), ("FIRST_NAME", False)),
    (("LAST_SIGN_IN_AT", True), ("EMAIL", True), ("STATUS", False)),
    (("PORTAL_NAME", True), ("FIRST_NAME", True)),
]


async def taken(ask: Ask, document: str, actor: Person, **variables: Any) -> int:
    """Send a GraphQL request, and return how many SQL statements it runs. The actor's sign-in is not counted."""
    await ask("{ viewer { id } }", actor=actor)
    with statements() as sent:
        reply = await ask(document, actor=actor, **variables)
    assert not reply.errors, reply.errors
    assert sent
    return len(sent)


@pytest.mark.parametrize("order", ORDERS)
async def test_a_page_of_users_takes_at_most_five_statements(world: World, ask: Ask, order: Order) -> None:
    await seed_users(world, 150, *[await world.portal() for _ in range(7)])
    nora, everything = await world.mssp_admin(), {"orderBy": asked(order), "search": "e", "filter": {"holdsSeat": True}}
    cursor = "query ($orderBy: [UserOrder!]) { users(first: 20, orderBy: $orderBy) { pageInfo { endCursor } } }"
    after = (await ask(cursor, actor=nora, orderBy=asked(order))).data["users"]["pageInfo"]["endCursor"]

    for arguments in ({}, {"first": 1}, {"first": 100, "after": after}, everything):
        assert await taken(ask, PAGE, nora, **{"orderBy": asked(order), **arguments}) <= MOST_FOR_A_PAGE, arguments


async def test_only_selected_fields_are_read(world: World, ask: Ask) -> None:
    await seed_users(world, 20)
    nora = await world.mssp_admin()

    assert await taken(ask, "{ users { nodes { id name status } } }", nora) == 2
    assert await taken(ask, "{ users { totalCount } }", nora) == 2
    assert await taken(ask, "{ users { nodes { id } pageInfo { endCursor } edges { cursor } } }", nora) == 2


async def test_a_page_of_one_portal_takes_two_statements(world: World, ask: Ask, db: Database) -> None:
    portal = await world.portal()
    await seed_users(world, 20, portal)
    document = "query ($p: ID!) { users(portalId: $p) { nodes { id } pageInfo { endCursor } } }"
    viewers = [await world.portal_admin(portal), await world.mssp_admin(), await world.technician(portal)]

    found = [await taken(ask, document, viewer, p=global_id("Portal", portal.id)) for viewer in viewers]

    # The session and the page. On SQLite, staff need a statement that checks the portal first.
    assert found == ([2, 2, 2] if db.kind == "postgres" else [2, 3, 3])


async def test_a_list_of_a_foreign_portal_is_null_and_of_an_empty_one_is_empty(world: World, ask: Ask) -> None:
    portal, empty = await world.portal(), await world.portal()
    foreign = await world.portal(mssp=await world.mssp())
    await seed_users(world, 3, portal, foreign)
    viewers = [await world.mssp_admin(), await world.technician(portal, empty)]
    document = """query ($p: ID!) {
        users(portalId: $p) { nodes { id } totalCount }
        objects: users(portalId: $p) { nodes { id portal { id } } }
        count: users(portalId: $p) { totalCount }
    }"""

    for viewer in viewers:
        found = [
            (await ask(document, actor=viewer, p=global_id("Portal", place.id))).data for place in (empty, foreign)
        ]
        nothing = {"nodes": [], "totalCount": 0}
        assert found == [
            {"users": nothing, "objects": {"nodes": []}, "count": {"totalCount": 0}},
            {"users": None, "objects": None, "count": None},
        ]


@pytest.mark.parametrize("who", ["mssp_admin", "technician"])
async def test_users_of_two_and_of_twenty_portals_take_the_same_statements(world: World, ask: Ask, who: str) -> None:
    portals = [await world.portal() for _ in range(20)]
    await seed_users(world, 200, *portals)
    viewer = await (world.mssp_admin() if who == "mssp_admin" else world.technician(*portals))

    few, many = [await taken(ask, NESTED, viewer, first=number) for number in (2, 20)]

    assert few == many
    assert many <= 7


async def test_portals_that_users_belong_to_list_their_users_in_the_same_statements(world: World, ask: Ask) -> None:
    portals: list[Portal] = [await world.portal() for _ in range(12)]
    people = await seed_users(world, 48, *portals)
    nora = await world.mssp_admin()
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on PortalUser { portal { users { totalCount } } } } }"
    ids = [global_id("PortalUser", user.id) for user in people]

    assert await taken(ask, document, nora, ids=ids[:1]) == await taken(ask, document, nora, ids=ids)


async def test_many_operations_and_events_take_no_more_statements_than_one(world: World, ask: Ask) -> None:
    portals = [await world.portal() for _ in range(4)]
    people = [await world.user(portal) for portal in portals]
    actors = [await world.mssp_admin() for _ in range(4)]
    for actor in actors:
        for name in ("lockUsers", "unlockUsers"):
            await ask.act(name, actor, *people, "absent")
    document = """
    query ($first: Int!) {
      bulkOperations(first: $first) {
        nodes {
          total processed summary { requested byReason { code count } }
          startedBy { name ... on StaffMember { mssp { name } portals(first: 2) { nodes { slug } totalCount } } }
          outcomes(first: 3) { nodes { label user { name } reason { message } } totalCount pageInfo { hasNextPage } }
        }
        totalCount
      }
      auditLog(first: $first) {
        nodes { actor { name } actorName portal { slug } user { name } operation { total outcomes { totalCount } } }
      }
    }
    """

    few, many = [await taken(ask, document, actors[0], first=number) for number in (1, 30)]

    assert many <= few


async def test_a_page_of_invited_users_takes_one_statement_more(world: World, ask: Ask) -> None:  # W7
    portal = await world.portal()
    nora = await world.mssp_admin()
    people = await world.users(40, portal, status=Status.STAGED)
    document = "mutation ($ids: [ID!]!) { inviteUsers(input: {target: {users: {ids: $ids}}}) { errors { code } } }"
    await ask(document, actor=nora, ids=gids(people))
    page = "query ($first: Int!) { users(first: $first) { nodes { id %s } } }"
    shown = "invitation { state delivery sentAt expiresAt }"

    without, few, many = [
        await taken(ask, page % below, nora, first=first) for below, first in (("", 40), (shown, 2), (shown, 40))
    ]

    assert few == many == without + 1


DEEP = """{ users(first: 60) { nodes {
  id portal { id licenseTiles { seatsTotal } users(first: 1) { nodes { id } } } invitation { state } signInBlockers { code } availableActions { action allowed }
} } }"""


async def test_yielding_to_other_requests_adds_no_statement(
    world: World, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await world.users(20, await world.portal())
    nora = await world.mssp_admin()

    monkeypatch.setattr(SLICES, "_length", inf)  # no resolver yields, however slow the machine is
    at_a_stretch = await taken(ask, DEEP, nora)
    monkeypatch.setattr(SLICES, "_length", -1.0)  # every resolver waits for a turn of its own
    in_turns = await taken(ask, DEEP, nora)

    assert in_turns == at_a_stretch


@pytest.mark.parametrize("passed", [1, 2, 3, 5, 8, 13, 21, 34])
async def test_time_slices_that_end_between_resolvers_add_no_statement(
    world: World, ask: Ask, monkeypatch: pytest.MonkeyPatch, passed: int
) -> None:
    portals = [await world.portal() for _ in range(20)]
    await seed_users(world, 100, *portals)
    tom, loop = await world.technician(*portals), asyncio.get_running_loop()
    checkpoints: list[None] = []

    def is_over() -> bool:
        """Return false at the first `passed` checkpoints in each iteration of the event loop, and true at later ones.

        A resolver pauses at a checkpoint where the result is true.
        """
        if not checkpoints:
            loop.call_soon(checkpoints.clear)
        checkpoints.append(None)
        return len(checkpoints) > passed

    monkeypatch.setattr(SLICES, "_length", inf)
    at_a_stretch = await taken(ask, NESTED, tom, first=20)
    monkeypatch.setattr(SLICES, "_is_over", is_over)
    in_slices = await taken(ask, NESTED, tom, first=20)

    assert in_slices == at_a_stretch
