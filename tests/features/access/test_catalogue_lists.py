"""Reading the catalogues of portals: pages of sub-accounts, searches, and the number of statements."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import Portal
from rules.grants.kinds import GrantableKind
from tests.features.listing.counting_statements import statements
from tests.features.selections.selecting import portal_gid
from tests.support.granting import entry
from tests.support.world import Ask, Person, World

PAGE = """
query ($id: ID!, $search: String, $first: Int, $after: String, $last: Int, $before: String) {
  portal(id: $id) { grantables {
    subAccounts(search: $search, first: $first, after: $after, last: $last, before: $before) {
      totalCount nodes { name } edges { cursor node { name } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  } }
}
"""
OF_ALL = """
{ portals { nodes { slug grantables {
  modules { name } groups { name } workspaces { name } appRoles { name } subAccounts(first: 2) { totalCount nodes { name } }
} } } }
"""


async def page(ask: Ask, actor: Person, portal: Portal, **given: Any) -> Any:
    reply = await ask(PAGE, actor=actor, id=portal_gid(portal), **given)
    return reply.data["portal"]["grantables"]["subAccounts"] if not reply.errors else reply.codes


def names(found: Any) -> list[str]:
    return [node["name"] for node in found["nodes"]]


async def branches(world: World, portal: Portal, *given: str) -> None:
    for name in given:
        await entry(world, portal, GrantableKind.SUB_ACCOUNT, name)


async def test_sub_accounts_are_paged_by_name_in_both_directions(world: World, ask: Ask) -> None:  # W2
    portal, other = await world.portal(), await world.portal()
    ann = await world.portal_admin(portal)
    await branches(world, portal, "Éclair", "alpha", "Delta", "Bravo", "charlie")
    await branches(world, other, "Aardvark")
    await entry(world, portal, GrantableKind.WORKSPACE, "Apart")

    first = await page(ask, ann, portal, first=2)
    second = await page(ask, ann, portal, first=2, after=first["pageInfo"]["endCursor"])
    last = await page(ask, ann, portal, last=2)
    before = await page(ask, ann, portal, last=2, before=last["pageInfo"]["startCursor"])

    assert (names(first), names(second)) == (["alpha", "Bravo"], ["charlie", "Delta"])
    assert (names(last), names(before)) == (["Delta", "Éclair"], ["Bravo", "charlie"])
    assert (first["totalCount"], first["pageInfo"]["hasPreviousPage"], first["pageInfo"]["hasNextPage"]) == (
        5,
        False,
        True,
    )
    assert last["pageInfo"]["hasNextPage"] is False


async def test_a_search_finds_parts_of_names_without_case_and_accents(world: World, ask: Ask) -> None:  # T14
    portal = await world.portal()
    nora = await world.mssp_admin()
    await branches(world, portal, "Büro Łódź Nord", "Büro Łódź Süd", "Halle Nord", "100% Nord_West")

    assert names(await page(ask, nora, portal, search="nord LODZ")) == ["Büro Łódź Nord"]
    assert names(await page(ask, nora, portal, search="%")) == ["100% Nord_West"]
    assert (await page(ask, nora, portal, search="buro", first=1))["totalCount"] == 2
    assert names(await page(ask, nora, portal, search="none of these")) == []
    assert await page(ask, nora, portal, search="x" * 201) == ["BAD_USER_INPUT"]


async def test_a_cursor_of_another_portal_or_search_is_refused(world: World, ask: Ask) -> None:
    one, two = await world.portal(), await world.portal()
    nora = await world.mssp_admin()
    for portal in (one, two):
        await branches(world, portal, "Alpha", "Bravo")
    cursor = (await page(ask, nora, one, first=1))["pageInfo"]["endCursor"]

    assert names(await page(ask, nora, one, after=cursor)) == ["Bravo"]
    assert await page(ask, nora, two, after=cursor) == ["BAD_USER_INPUT"]
    assert await page(ask, nora, one, after=cursor, search="bravo") == ["BAD_USER_INPUT"]
    assert await page(ask, nora, one, first=101) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("portals", [2, 5])
async def test_the_catalogues_of_many_portals_take_as_many_statements_as_those_of_two(
    world: World, ask: Ask, portals: int
) -> None:
    nora = await world.mssp_admin()
    for _ in range(portals):
        portal = await world.portal()
        await branches(world, portal, "Alpha", "Bravo", "Charlie")
        await entry(world, portal, GrantableKind.MODULE, "Reports")
    await ask(OF_ALL, actor=nora)  # the token is issued outside

    with statements() as sent:
        nodes = (await ask(OF_ALL, actor=nora)).data["portals"]["nodes"]

    assert len(nodes) == portals
    for node in nodes:
        assert [module["name"] for module in node["grantables"]["modules"]] == ["Reports"]
        assert [group["name"] for group in node["grantables"]["groups"]] == ["External users"]
        assert node["grantables"]["subAccounts"] == {
            "totalCount": 3,
            "nodes": [{"name": "Alpha"}, {"name": "Bravo"}],
        }
    assert len([text for text in sent if "grantable" in text]) == 3  # the four lists, the pages, the counts


async def test_an_admin_who_must_set_up_a_second_factor_reads_no_catalogue(world: World, ask: Ask) -> None:
    portal = await world.portal(mfa_required=True)
    ann = await world.portal_admin(portal)

    reply = await ask("{ viewer { ... on PortalUser { portal { grantables { groups { id } } } } } }", actor=ann)

    assert reply.codes == ["FORBIDDEN"]
    assert reply.data["viewer"]["portal"]["grantables"] is None
