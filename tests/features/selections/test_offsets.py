"""The offset of a page is the number of users before the page, in every order and both directions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.features.listing.people import DEFAULT_ORDER, Order, asked, seed_users
from tests.support.world import Ask, Person, World

PAGE = "offset totalCount nodes { id } pageInfo { startCursor endCursor }"
OF_ALL = f"""
query ($first: Int, $after: String, $last: Int, $before: String, $orderBy: [UserOrder!], $search: String) {{
  users(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, search: $search) {{ {PAGE} }}
}}
"""
OF_PORTALS = f"""
query ($first: Int, $after: String, $last: Int, $before: String, $orderBy: [UserOrder!]) {{
  portals {{ nodes {{
    users(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) {{ {PAGE} }}
  }} }}
}}
"""
ORDERS: list[Order] = [
    DEFAULT_ORDER,
    (("LAST_SIGN_IN_AT", True), ("EMAIL", False)),
    (("STATUS", False),),
    (("ROLE", True), ("LAST_NAME", True)),
    (("PORTAL_NAME", True), ("FIRST_NAME", True)),
]


async def users(ask: Ask, actor: Person, **arguments: Any) -> Any:
    reply = await ask(OF_ALL, actor=actor, **arguments)
    assert not reply.errors, reply.errors
    return reply.data["users"]


async def assert_offsets(ask: Ask, actor: Person, **arguments: Any) -> None:
    """Check the offset of each page, forward and backward, against the first 100 users of the list."""
    ids = [node["id"] for node in (await users(ask, actor, first=100, **arguments))["nodes"]]
    for size, cursor, end in (("first", "after", "endCursor"), ("last", "before", "startCursor")):
        seen, at = list[str](), None
        while len(seen) < len(ids):
            page = await users(ask, actor, **{size: 7, cursor: at}, **arguments)
            found = [node["id"] for node in page["nodes"]]
            assert ids[page["offset"] :][: len(found)] == found
            seen, at = [*seen, *found], page["pageInfo"][end]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order[0][0])
async def test_the_offset_of_each_page_is_the_number_of_users_before_it(world: World, ask: Ask, order: Order) -> None:
    portals = await world.portal(), await world.portal()
    await seed_users(world, 30, *portals)
    nora, tom = await world.mssp_admin(), await world.technician(*portals)

    for viewer in (nora, tom):
        await assert_offsets(ask, viewer, orderBy=asked(order))
    await assert_offsets(ask, nora, orderBy=asked(order), search="er.1")


async def test_the_offset_in_each_portal_counts_the_users_of_that_portal(world: World, ask: Ask) -> None:
    await seed_users(world, 20, await world.portal("a", name="A"), await world.portal("b", name="B"))
    nora = await world.mssp_admin()
    first = (await ask(OF_PORTALS, actor=nora, first=4)).data["portals"]["nodes"][0]["users"]

    reply = await ask(OF_PORTALS, actor=nora, last=3)
    after = await ask(OF_PORTALS, actor=nora, first=4, after=first["pageInfo"]["endCursor"])

    assert [portal["users"]["offset"] for portal in reply.data["portals"]["nodes"]] == [7, 7]
    assert after.data["portals"]["nodes"][0]["users"]["offset"] == 4


async def test_an_empty_list_starts_at_zero_and_a_page_behind_the_last_at_the_total(world: World, ask: Ask) -> None:
    await seed_users(world, 5)
    nora = await world.mssp_admin()
    last = await users(ask, nora, last=1)

    assert (await users(ask, nora, search="no such user"))["offset"] == 0
    assert (await users(ask, nora, search="no such user", last=5))["offset"] == 0
    behind = await users(ask, nora, after=last["pageInfo"]["endCursor"])
    assert (behind["nodes"], behind["offset"]) == ([], 5)
