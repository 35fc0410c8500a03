"""The numbers in the license tiles: users by category, and used and free seats."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import Portal
from resolvers.core.global_ids import global_id
from rules.access import Role
from rules.lifecycle.licenses import SeatMode, UserKind
from rules.lifecycle.statuses import Status, StatusReason
from tests.rules.cases import an_id
from tests.support.world import Ask, Person, TestClock, World
from tests.support.world.answers import TILES, counts, seats

OF = f"query ($id: ID) {{ licenseTiles(portalId: $id) {{ {TILES} portal {{ slug }} packages {{ name }} }} }}"
LISTED = """
query ($portal: ID, $category: UserCategory, $statusIn: [UserStatus!], $statusReasonIn: [StatusReason!]) {
  users(portalId: $portal, category: $category, filter: {statusIn: $statusIn, statusReasonIn: $statusReasonIn}) {
    totalCount
  }
}
"""
SEEDED_STATUSES = [
    Status.STAGED,
    Status.PROVISIONED,
    Status.PROVISIONED,
    Status.ACTIVE,
    Status.ACTIVE,
    Status.ACTIVE,
    Status.AWAITING_NEW_PASSWORD,
    Status.RECOVERY,
    Status.LOCKED_OUT,
    Status.LOCKED_OUT,
    Status.SUSPENDED,
    Status.DEACTIVATED,
    Status.DEACTIVATED,
]
SEEDED_TILES = {
    **{"ACTIVE_USERS": 7, "INACTIVE_USERS": 4, "OPEN_INVITES": 3},
    **{"LOCKED_USERS": 3, "WAITING_FOR_SEAT": 1},
}


def gid(portal: Portal) -> str:
    return global_id("Portal", portal.id)


async def populate(world: World, portal: Portal) -> None:
    """Add users in every status, so that the portal's tiles are SEEDED_TILES."""
    for status in SEEDED_STATUSES:
        await world.user(portal, status=status)
    await world.user(portal, status=Status.DEACTIVATED, status_reason=StatusReason.WAITING_FOR_SEAT)


async def tiles_of(ask: Ask, actor: Person, id: str | None = None) -> Any:
    return (await ask(OF, actor=actor, id=id)).data["licenseTiles"]


async def test_the_tiles_count_the_categories_and_two_parts_of_them(world: World, ask: Ask) -> None:  # L3, L4, W13
    portal = await world.portal("acme", seats=50)
    await populate(world, portal)
    nora = await world.mssp_admin()

    tiles = await tiles_of(ask, nora, gid(portal))

    assert counts(tiles) == SEEDED_TILES
    assert list(counts(tiles)) == list(SEEDED_TILES)
    assert seats(tiles) == (50, 8, 42)
    assert (tiles["portal"], tiles["packages"]) == ({"slug": "acme"}, [{"name": "Standard"}])
    assert tiles["asOf"] == "2026-03-01T09:00:00.000Z"


@pytest.mark.parametrize("summed", [False, True])
async def test_a_tile_s_filter_lists_exactly_the_users_that_it_counts(
    world: World, ask: Ask, *, summed: bool
) -> None:  # L4
    portals = [await world.portal(), await world.portal()]
    for portal in portals:
        await populate(world, portal)
    nora = await world.mssp_admin()
    only = None if summed else gid(portals[0])

    tiles = (await tiles_of(ask, nora, only))["tiles"]

    for tile in tiles:
        given = {name: tile[name] for name in ("category", "statusIn", "statusReasonIn")}
        listed = (await ask(LISTED, actor=nora, portal=only, **given)).data["users"]
        assert listed["totalCount"] == tile["count"], tile["kind"]
        assert tile["count"] == SEEDED_TILES[tile["kind"]] * (2 if summed else 1)


async def test_the_sum_is_over_what_the_viewer_manages(world: World, ask: Ask) -> None:  # L3, T2
    one, two, elsewhere = [await world.portal(seats=n) for n in (10, 20, 40)]
    other = await world.portal("other", mssp=await world.mssp(), seats=80)
    for number, portal in ((1, one), (2, two), (4, elsewhere), (8, other)):
        await world.users(number, portal)
    people = [await world.mssp_admin(), await world.technician(one, two), await world.technician()]

    sums = [await tiles_of(ask, person) for person in people]

    assert [seats(tiles) for tiles in sums] == [(70, 7, 63), (30, 3, 27), (0, 0, 0)]
    assert [counts(tiles)["ACTIVE_USERS"] for tiles in sums] == [7, 3, 0]
    assert [(tiles["portal"], len(tiles["packages"])) for tiles in sums] == [(None, 3), (None, 2), (None, 0)]


async def test_the_sum_of_a_portal_admin_is_that_of_their_portal(world: World, ask: Ask) -> None:  # L3
    mine, sibling = await world.portal("mine", seats=3), await world.portal("sibling", seats=5)
    ann, _ = await world.portal_admin(mine), await world.users(4, sibling)

    summed, own = await tiles_of(ask, ann), await tiles_of(ask, ann, gid(mine))

    assert counts(summed) == counts(own)
    assert seats(summed) == (3, 0, 3)
    assert (own["portal"], summed["portal"]) == ({"slug": "mine"}, None)


async def test_a_sum_is_unlimited_if_one_portal_is(world: World, ask: Ask) -> None:
    await world.users(2, await world.portal(seats=5))
    await world.users(3, await world.portal(seats=None, seat_mode=SeatMode.UNLIMITED))
    nora = await world.mssp_admin()

    assert seats(await tiles_of(ask, nora)) == (None, 2, None)


async def test_missing_seats_of_one_portal_do_not_reduce_another_s(world: World, ask: Ask) -> None:
    await world.users(5, await world.portal(seats=2))
    await world.users(1, await world.portal(seats=10))
    nora = await world.mssp_admin()

    assert seats(await tiles_of(ask, nora)) == (12, 6, 9)


async def test_there_is_one_node_for_each_portal_and_one_for_each_viewer(world: World, ask: Ask) -> None:
    portal = await world.portal()
    people = [await world.portal_admin(portal), await world.mssp_admin(), await world.technician(portal)]

    of_portal = {(await tiles_of(ask, person, gid(portal)))["id"] for person in people}
    of_viewer = [(await tiles_of(ask, person))["id"] for person in people]

    assert len(of_portal) == 1
    assert len({*of_viewer, *of_portal}) == 4
    assert of_viewer == [(await tiles_of(ask, person))["id"] for person in people]


async def test_every_path_to_the_tiles_returns_the_same_node(world: World, ask: Ask) -> None:
    portal = await world.portal(seats=9)
    ann, bob = await world.portal_admin(portal), await world.user(portal)
    document = f"""
    query ($portal: ID!) {{
      sum: licenseTiles {{ {TILES} }} own: licenseTiles(portalId: $portal) {{ {TILES} }}
      portal(id: $portal) {{ licenseTiles {{ {TILES} }} }}
    }}
    """

    moved = (await ask.act("lockUsers", ann, bob))["licenseTiles"]
    data = (await ask(document, actor=ann, portal=gid(portal))).data
    again = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on LicenseTiles {{ {TILES} }} }} }}"
    fetched = (await ask(again, actor=ann, ids=[tiles["id"] for tiles in moved])).data["nodes"]

    assert fetched == [data["own"], data["sum"]]
    assert data["portal"]["licenseTiles"] == data["own"]
    assert [(tiles["id"], counts(tiles)) for tiles in moved] == [(tiles["id"], counts(tiles)) for tiles in fetched]


async def test_tiles_of_portals_that_the_viewer_does_not_manage_are_null(world: World, ask: Ask) -> None:  # L3, T2
    mine, sibling = await world.portal("mine"), await world.portal("sibling")
    ann, bea = await world.portal_admin(mine), await world.portal_admin(sibling)
    foreign = [(await tiles_of(ask, bea))["id"], (await tiles_of(ask, bea, gid(sibling)))["id"]]

    by_portal = [await tiles_of(ask, ann, id) for id in (gid(sibling), global_id("Portal", an_id()), ann.gid, "x")]
    by_node = await ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", actor=ann, ids=foreign)

    assert by_portal == [None] * 4
    assert by_node.data == {"nodes": [None, None]}


async def test_a_portal_user_sees_no_tiles(world: World, ask: Ask) -> None:  # T1, T12
    portal = await world.portal()
    bob, ann = await world.user(portal), await world.portal_admin(portal)
    node = (await tiles_of(ask, ann, gid(portal)))["id"]
    document = """
    query ($portal: ID!, $node: ID!) {
      licenseTiles { id } own: licenseTiles(portalId: $portal) { id } node(id: $node) { id }
      portal(id: $portal) { slug licenseTiles { id } policy { seatMode } users { totalCount } }
    }
    """

    reply = await ask(document, actor=bob, portal=gid(portal), node=node)

    assert reply.errors == []
    assert reply.data == {
        **{"licenseTiles": None, "own": None, "node": None},
        "portal": {"slug": portal.slug, "licenseTiles": None, "policy": None, "users": None},
    }


async def test_packages_say_whether_they_are_active(world: World, ask: Ask, clock: TestClock) -> None:
    portal = await world.portal(seats=None)
    day = timedelta(days=1)
    for name, starts, ends in (
        ("Always", None, None),
        ("Ended", None, clock.now()),
        ("Later", clock.now() + day, None),
    ):
        await world.package(portal, 5, name=name, starts_at=starts, ends_at=ends)
    ann = await world.portal_admin(portal)
    fields = "id name seats isActive startsAt endsAt portal { id }"

    packages = (await ask(f"{{ licenseTiles {{ packages {{ {fields} }} }} }}", actor=ann)).data["licenseTiles"][
        "packages"
    ]
    again = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on LicensePackage {{ {fields} }} }} }}"
    fetched = (await ask(again, actor=ann, ids=[package["id"] for package in packages])).data["nodes"]

    assert [(p["name"], p["isActive"]) for p in packages] == [("Always", True), ("Ended", False), ("Later", False)]
    assert (packages[1]["endsAt"], packages[2]["startsAt"]) == ("2026-03-01T09:00:00.000Z", "2026-03-02T09:00:00.000Z")
    assert {(package["seats"], package["portal"]["id"]) for package in packages} == {(5, gid(portal))}
    assert fetched == packages


async def test_only_external_users_take_seats(world: World, ask: Ask) -> None:
    portal = await world.portal(seats=5)
    nora = await world.staff(Role.MSSP_ADMIN)
    await world.users(2, portal)
    await world.users(3, portal, kind=UserKind.INTERNAL)

    tiles = await tiles_of(ask, nora)

    assert (seats(tiles), counts(tiles)["ACTIVE_USERS"]) == ((5, 2, 3), 5)
