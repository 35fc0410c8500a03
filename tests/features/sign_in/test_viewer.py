"""The viewer, members of staff and MSSPs, and which accounts see them."""

from __future__ import annotations

import pytest
from tortoise.exceptions import IntegrityError

from resolvers.core.global_ids import global_id
from rules.lifecycle.statuses import Status
from tests.rules.cases import an_id
from tests.support.world import Ask, World
from tests.support.world.answers import gids

VIEWER = """
{
  viewer {
    __typename id name email
    ... on StaffMember { staffRole mssp { id name } portals { nodes { slug } totalCount } }
    ... on PortalUser { username role status portal { slug } signInBlockers { code } }
  }
}
"""
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"


async def test_an_mssp_admin_is_the_viewer_with_every_portal_of_the_mssp(world: World, ask: Ask) -> None:  # L1
    mssp = await world.mssp("Northwind")
    for slug in ("b-portal", "a-portal"):
        await world.portal(slug, mssp=mssp)
    await world.portal("other", mssp=await world.mssp())
    nora = await world.mssp_admin(mssp)

    viewer = (await ask(VIEWER, actor=nora)).data["viewer"]

    assert viewer == {
        **{"__typename": "StaffMember", "id": nora.gid, "name": f"Staff {nora.login}", "email": nora.login},
        **{"staffRole": "MSSP_ADMIN", "mssp": {"id": global_id("Mssp", mssp.id), "name": "Northwind"}},
        "portals": {"nodes": [{"slug": "a-portal"}, {"slug": "b-portal"}], "totalCount": 2},
    }


async def test_a_technician_is_the_viewer_with_the_assigned_portals(world: World, ask: Ask) -> None:  # L1, T2
    mine, _ = await world.portal("mine"), await world.portal("not-mine")
    tim = await world.technician(mine)

    viewer = (await ask(VIEWER, actor=tim)).data["viewer"]

    assert (viewer["staffRole"], viewer["portals"]["nodes"]) == ("MSSP_TECHNICIAN", [{"slug": "mine"}])


@pytest.mark.parametrize("role", ["PORTAL_ADMIN", "PORTAL_USER"])
async def test_a_portal_account_sees_itself_with_its_portal(world: World, ask: Ask, role: str) -> None:  # T12, T15
    portal = await world.portal("acme")
    bob = await (world.portal_admin(portal) if role == "PORTAL_ADMIN" else world.user(portal))

    viewer = (await ask(VIEWER, actor=bob)).data["viewer"]

    assert viewer.pop("name")
    assert viewer == {
        **{"__typename": "PortalUser", "id": bob.gid, "email": f"{bob.login}@acme.test", "username": bob.login},
        **{"role": role, "status": "ACTIVE", "portal": {"slug": "acme"}, "signInBlockers": []},
    }


async def test_a_stranger_has_no_viewer(world: World, ask: Ask) -> None:  # T1
    await world.user()

    reply = await ask("{ viewer { id } }")

    assert (reply.data, reply.errors) == ({"viewer": None}, [])


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({"first_name": "Ann", "last_name": "Lee"}, "Ann Lee"),
        ({"first_name": "Ann", "last_name": None}, "Ann"),
        ({"first_name": None, "last_name": "Lee"}, "Lee"),
        ({"first_name": None, "last_name": None}, "ann@acme.test"),
        ({"first_name": None, "last_name": None, "email": None}, "ann"),
    ],
)
async def test_a_name_is_never_empty(world: World, ask: Ask, names: dict[str, str], shown: str) -> None:  # T3
    given = {"username": "ann", "email": "ann@acme.test", **names}
    ann = await world.user(**given)  # type: ignore[arg-type]  # mypy takes the names for other arguments

    assert (await ask("{ viewer { name } }", actor=ann)).data == {"viewer": {"name": shown}}


async def test_staff_are_seen_by_their_mssp_s_admins_and_by_themselves(world: World, ask: Ask) -> None:
    portal = await world.portal()
    nora, other_admin = await world.mssp_admin(), await world.mssp_admin(await world.mssp())
    tim, tom = await world.technician(portal), await world.technician(portal)
    ann = await world.portal_admin(portal)
    sees = [(nora, [nora, tim, tom]), (tim, [tim]), (other_admin, [other_admin]), (ann, [])]

    for viewer, expected in sees:
        nodes = (await ask(NODES, actor=viewer, ids=gids([nora, tim, tom, other_admin]))).data["nodes"]
        assert [node["id"] for node in nodes if node] == gids(list(expected)), viewer.login


async def test_a_provider_is_seen_by_its_own_staff_only(world: World, ask: Ask) -> None:  # L3
    home = await world.home()
    id = global_id("Mssp", home.id)
    inside = [await world.mssp_admin(), await world.technician()]
    outside = [await world.portal_admin(), await world.user(), await world.mssp_admin(await world.mssp())]

    nodes = [(await ask(NODES, actor=viewer, ids=[id])).data["nodes"][0] for viewer in (*inside, *outside)]

    assert nodes == [{"__typename": "Mssp", "id": id}] * 2 + [None] * 3


async def test_an_mssp_admin_sees_which_portals_a_technician_has(world: World, ask: Ask) -> None:
    mine, other = await world.portal("mine"), await world.portal("other")
    nora, tim = await world.mssp_admin(), await world.technician(mine, other)
    document = """
    query ($id: ID!, $after: String) {
      node(id: $id) {
        ... on StaffMember {
          portals(first: 1, after: $after) { nodes { slug } totalCount pageInfo { hasNextPage endCursor } }
        }
      }
    }
    """

    first = (await ask(document, actor=nora, id=tim.gid)).data["node"]["portals"]
    second = (await ask(document, actor=nora, id=tim.gid, after=first["pageInfo"]["endCursor"])).data["node"]["portals"]

    assert (first["nodes"], first["totalCount"], first["pageInfo"]["hasNextPage"]) == ([{"slug": "mine"}], 2, True)
    assert (second["nodes"], second["pageInfo"]["hasNextPage"]) == ([{"slug": "other"}], False)


async def test_nodes_come_in_the_order_asked_with_null_for_what_is_not_there(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal)
    of_portal = global_id("Portal", portal.id)
    asked = [bob.gid, "x", of_portal, ann.gid, global_id("PortalUser", an_id()), bob.gid, global_id("Query", an_id())]

    nodes = (await ask(NODES, actor=ann, ids=asked)).data["nodes"]

    assert [node and node["id"] for node in nodes] == [bob.gid, None, of_portal, ann.gid, None, bob.gid, None]


async def test_nodes_takes_at_most_a_hundred_ids(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()

    assert (await ask(NODES, actor=ann, ids=[ann.gid] * 100)).data["nodes"][-1]["id"] == ann.gid
    assert (await ask(NODES, actor=ann, ids=[ann.gid] * 101)).codes == ["BAD_USER_INPUT"]


async def test_where_nodes_is_refused_its_entries_are_null_and_other_fields_answer(world: World, ask: Ask) -> None:
    bob = await world.user(await world.portal("acme"))
    document = 'query ($ids: [ID!]!) { portalSignIn(slug: "acme") { slug } nodes(ids: $ids) { id } }'

    stranger = await ask(document, ids=[bob.gid, bob.gid])
    too_many = await ask(document, actor=bob, ids=[bob.gid] * 101)

    assert stranger.data == {"portalSignIn": {"slug": "acme"}, "nodes": [None, None]}
    assert [(error["path"], error["extensions"]["code"]) for error in stranger.errors] == [
        (["nodes", 0], "UNAUTHENTICATED")
    ]
    assert (too_many.data["nodes"], too_many.codes) == ([None] * 100, ["BAD_USER_INPUT"])


async def test_a_portal_is_found_by_exactly_one_of_id_and_slug(world: World, ask: Ask) -> None:
    portal = await world.portal("acme")
    ann = await world.portal_admin(portal)
    await world.portal("sibling")
    document = "query ($id: ID, $slug: String) { portal(id: $id, slug: $slug) { slug } }"
    id = global_id("Portal", portal.id)

    for given in ({"id": id}, {"slug": "acme"}):
        assert (await ask(document, actor=ann, **given)).data == {"portal": {"slug": "acme"}}
    for missing in ({"id": "x"}, {"id": ann.gid}, {"slug": "sibling"}, {"slug": "never-was"}):
        reply = await ask(document, actor=ann, **missing)
        assert (reply.data, reply.errors) == ({"portal": None}, [])
    for wrong in ({}, {"slug": ""}, {"id": id, "slug": "acme"}):
        assert (await ask(document, actor=ann, **wrong)).codes == ["BAD_USER_INPUT"]


async def test_portals_are_listed_by_name_within_reach(world: World, ask: Ask) -> None:  # L3, T2
    names = ("Zebra", "élan", "Alpha")
    portals = [await world.portal(f"p-{n}", name=name) for n, name in enumerate(names)]
    await world.portal("other", name="Other", mssp=await world.mssp())
    document = "{ portals { nodes { name } totalCount } }"
    sees = [
        (await world.mssp_admin(), ["Alpha", "élan", "Zebra"]),
        (await world.technician(portals[0], portals[1]), ["élan", "Zebra"]),
        (await world.portal_admin(portals[2]), ["Alpha"]),
        (await world.user(portals[1]), ["élan"]),
    ]

    for viewer, expected in sees:
        found = (await ask(document, actor=viewer)).data["portals"]
        assert ([node["name"] for node in found["nodes"]], found["totalCount"]) == (expected, len(expected))


async def test_usernames_and_addresses_are_unique_in_a_portal_whatever_their_case(world: World) -> None:  # T4
    acme, umbra = await world.portal("acme"), await world.portal("umbra")
    await world.user(acme, username="Ann", email="ann@acme.test")

    for taken in ({"username": "ANN"}, {"email": "ANN@ACME.TEST"}):
        with pytest.raises(IntegrityError):
            await world.user(acme, **taken)
    elsewhere = await world.user(umbra, username="Ann", email="ann@acme.test")

    assert await world.status(elsewhere) is Status.ACTIVE
