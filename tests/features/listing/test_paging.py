"""Pages of a list contain each item exactly once, even if users are added or deleted between two pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from models.tables import PortalUser
from models.users import recount
from resolvers.core.global_ids import global_id
from tests.features.listing.people import DEFAULT_ORDER, Order, all_users, asked, in_order, seed_users
from tests.support.world import Ask, Person, World

DOCUMENT = """
query ($first: Int, $after: String, $last: Int, $before: String, $orderBy: [UserOrder!], $search: String) {
  users(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, search: $search) {
    nodes { id }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}
"""
ORDERS: list[Order] = [
    DEFAULT_ORDER,
    (("LAST_SIGN_IN_AT", True), ("EMAIL", False)),
    (("STATUS", False),),
    (("KIND", True), ("ROLE", True)),
    (("KIND", False), ("LAST_NAME", True)),
    (("PORTAL_NAME", True), ("FIRST_NAME", True)),
]
NO_CURSORS = {"startCursor": None, "endCursor": None}


@dataclass(frozen=True)
class Page:
    ids: list[str]
    cursors: list[str]
    has_next: bool
    has_previous: bool


async def page(ask: Ask, actor: Person, order: Order = DEFAULT_ORDER, **arguments: Any) -> Page:
    """Return one page of `users`, after checks that its nodes, edges and pageInfo agree."""
    reply = await ask(DOCUMENT, actor=actor, orderBy=asked(order), **arguments)
    assert not reply.errors, reply.errors
    found, info = reply.data["users"], reply.data["users"]["pageInfo"]
    ids, cursors = [node["id"] for node in found["nodes"]], [edge["cursor"] for edge in found["edges"]]
    assert [edge["node"]["id"] for edge in found["edges"]] == ids
    assert [info["startCursor"], info["endCursor"]] == ([cursors[0], cursors[-1]] if cursors else [None, None])
    return Page(ids, cursors, info["hasNextPage"], info["hasPreviousPage"])


def rows(users: list[PortalUser], gids: list[str]) -> list[UUID]:
    """Return the row ids of the users with these global ids."""
    return [user.id for user in users if global_id("PortalUser", user.id) in gids]


@pytest.mark.parametrize("order", ORDERS)
async def test_paging_forward_returns_each_user_once_in_order(world: World, ask: Ask, order: Order) -> None:  # T13
    users, nora = await seed_users(world, 130, await world.portal(), await world.portal()), await world.mssp_admin()
    expected = in_order(users, order)

    for size in (11, 50, 100):
        found: list[str] = []
        after = None
        while len(found) < len(expected):
            got = await page(ask, nora, order, first=size, after=after)
            assert (got.has_previous, got.has_next) == (bool(found), len(found) + len(got.ids) < len(expected))
            found, after = found + got.ids, got.cursors[-1]
        assert found == expected


@pytest.mark.parametrize("order", ORDERS)
async def test_paging_backward_returns_each_user_once_in_order(world: World, ask: Ask, order: Order) -> None:  # T13
    users, nora = await seed_users(world, 130, await world.portal(), await world.portal()), await world.mssp_admin()
    expected = in_order(users, order)

    for size in (11, 50, 100):
        found: list[str] = []
        before = None
        while len(found) < len(expected):
            got = await page(ask, nora, order, last=size, before=before)
            assert (got.has_next, got.has_previous) == (bool(found), len(found) + len(got.ids) < len(expected))
            found, before = got.ids + found, got.cursors[0]
        assert found == expected


@pytest.mark.parametrize("order", ORDERS)
async def test_the_cursor_of_every_item_continues_after_it(world: World, ask: Ask, order: Order) -> None:
    users, nora = await seed_users(world, 24), await world.mssp_admin()
    expected = in_order(users, order)
    cursors = (await page(ask, nora, order, first=100)).cursors

    for place, cursor in enumerate(cursors):
        ahead = await page(ask, nora, order, first=3, after=cursor)
        behind = await page(ask, nora, order, last=3, before=cursor)
        assert ahead.ids == expected[place + 1 : place + 4]
        assert behind.ids == expected[max(0, place - 3) : place]
        assert (ahead.has_previous, behind.has_next) == (True, True)
        assert (ahead.has_next, behind.has_previous) == (place + 4 < 24, place > 3)


async def test_users_added_or_deleted_between_pages_shift_no_other_user(world: World, ask: Ask) -> None:
    portal = await world.portal()
    users, nora = await seed_users(world, 60, portal), await world.mssp_admin()
    expected = in_order(users)
    one = await page(ask, nora, first=20)

    await PortalUser.filter(id__in=rows(users, expected[:12])).delete()
    newcomers = [await world.user(portal, last_name=name) for name in ("Aaa", "Bbb", "Zzz")]
    await recount.recount([portal.id])
    two = await page(ask, nora, first=20, after=one.cursors[-1])
    rest = await page(ask, nora, first=100, after=two.cursors[-1])

    now = in_order(await all_users())
    assert two.ids + rest.ids == now[now.index(expected[20]) :]
    assert two.ids[:3] == expected[20:23]
    assert {person.gid for person in newcomers[2:]} <= set(two.ids + rest.ids)
    assert newcomers[0].gid not in two.ids + rest.ids


async def test_the_cursor_of_a_deleted_user_keeps_its_position(world: World, ask: Ask) -> None:
    users, nora = await seed_users(world, 10), await world.mssp_admin()
    expected = in_order(users)
    cursors = (await page(ask, nora)).cursors

    await PortalUser.filter(id__in=rows(users, expected[:4])).delete()

    ahead = await page(ask, nora, first=2, after=cursors[3])
    behind = await page(ask, nora, last=2, before=cursors[3])
    assert (ahead.ids, ahead.has_previous, ahead.has_next) == (expected[4:6], False, True)
    assert (behind.ids, behind.has_next, behind.has_previous) == ([], True, False)


async def test_the_page_after_the_last_item_is_empty(world: World, ask: Ask) -> None:
    await seed_users(world, 5)
    nora = await world.mssp_admin()
    cursors = (await page(ask, nora)).cursors

    ahead, behind = await page(ask, nora, after=cursors[-1]), await page(ask, nora, before=cursors[0])

    assert (ahead.ids, ahead.has_next, ahead.has_previous) == ([], False, True)
    assert (behind.ids, behind.has_next, behind.has_previous) == ([], True, False)


async def test_an_empty_list_has_neither_cursors_nor_further_pages(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()

    data = (await ask(DOCUMENT, actor=nora)).data["users"]

    assert data["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": False, **NO_CURSORS}
    assert (data["nodes"], data["edges"], data["totalCount"]) == ([], [], 0)


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [({}, 50), ({"first": None}, 50), ({"first": 1}, 1), ({"first": 100}, 100), ({"last": 1}, 1), ({"last": 100}, 100)],
)
async def test_a_page_has_fifty_items_by_default_and_the_total_counts_all(
    world: World, ask: Ask, arguments: dict[str, Any], shown: int
) -> None:
    await seed_users(world, 104)
    nora = await world.mssp_admin()

    found = (await ask(DOCUMENT, actor=nora, **arguments)).data["users"]

    assert (len(found["nodes"]), found["totalCount"]) == (shown, 104)


async def test_before_without_last_returns_the_fifty_items_before_it(world: World, ask: Ask) -> None:
    users, nora = await seed_users(world, 70), await world.mssp_admin()
    cursors = (await page(ask, nora, first=100)).cursors

    got = await page(ask, nora, before=cursors[60])

    assert got.ids == in_order(users)[10:60]


async def test_a_portal_s_users_have_the_same_pages(world: World, ask: Ask) -> None:
    portals = [await world.portal() for _ in range(3)]
    users, nora = await seed_users(world, 60, *portals), await world.mssp_admin()
    fields = "nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount"
    below = (
        f"query ($id: ID!, $after: String) {{ portal(id: $id) {{ users(first: 8, after: $after) {{ {fields} }} }} }}"
    )
    root = f"query ($id: ID!, $after: String) {{ users(portalId: $id, first: 8, after: $after) {{ {fields} }} }}"

    for portal in portals:
        id, after, found = global_id("Portal", portal.id), None, []
        for _ in range(3):
            nested = (await ask(below, actor=nora, id=id, after=after)).data["portal"]["users"]
            assert nested == (await ask(root, actor=nora, id=id, after=after)).data["users"]
            found += [node["id"] for node in nested["nodes"]]
            after = nested["pageInfo"]["endCursor"]
        assert found == in_order([user for user in users if user.portal == portal])


async def test_user_lists_of_several_portals_in_one_request_stay_apart(world: World, ask: Ask) -> None:
    portals = [await world.portal(f"p-{n}") for n in range(3)]
    users, nora = await seed_users(world, 60, *portals), await world.mssp_admin()
    document = """
    {
      portals {
        nodes {
          slug
          byName: users { nodes { id } totalCount }
          down: users(orderBy: [{field: LAST_NAME, direction: DESC}, {field: FIRST_NAME}]) { nodes { id } }
          disabled: users(category: DISABLED) { nodes { id } totalCount }
          internal: users(filter: {kindIn: [INTERNAL]}) { nodes { id } totalCount }
          ada: users(search: "ada") { nodes { id } totalCount }
          two: users(first: 2) { nodes { id } totalCount }
          last: users(last: 2) { nodes { id } }
        }
      }
    }
    """

    nodes = (await ask(document, actor=nora)).data["portals"]["nodes"]

    for node in nodes:
        here = [user for user in users if user.portal.slug == node["slug"]]
        disabled = in_order([user for user in here if user.category == "DISABLED"])
        internal = in_order([user for user in here if user.kind == "INTERNAL"])
        adas = in_order([user for user in here if (user.first_name or "").lower() == "ada"])
        expected = {
            **{"byName": in_order(here), "down": in_order(here, (("LAST_NAME", True), ("FIRST_NAME", False)))},
            **{"disabled": disabled, "internal": internal, "ada": adas},
            **{"two": in_order(here)[:2], "last": in_order(here)[-2:]},
        }
        assert {name: [user["id"] for user in node[name]["nodes"]] for name in expected} == expected
        totals = {"byName": 20, "disabled": len(disabled), "internal": len(internal), "ada": len(adas), "two": 20}
        assert {name: node[name]["totalCount"] for name in totals} == totals
