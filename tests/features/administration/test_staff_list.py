"""The list of an MSSP's staff."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import StaffMember
from rules.access import Role
from rules.text.folding import sort_key
from tests.features.listing.counting_statements import statements
from tests.support.world import Ask, Person, World

STAFF = """
query ($search: String, $role: StaffRole, $first: Int, $after: String) {
  staff(search: $search, staffRole: $role, first: $first, after: $after) {
    totalCount
    pageInfo { endCursor hasNextPage }
    edges { node { name email staffRole isActive assignment { allExcept tags endsAt portals { nodes { slug } } } } }
  }
}
"""


async def named(world: World, name: str, role: Role = Role.MSSP_TECHNICIAN) -> Person:
    person = await world.staff(role)
    await StaffMember.filter(id=person.id).update(name=name, name_key=sort_key(name))
    return person


async def names(ask: Ask, actor: Person, **variables: Any) -> list[str]:
    return [edge["node"]["name"] for edge in (await ask(STAFF, actor=actor, **variables)).data["staff"]["edges"]]


async def test_an_mssp_admin_lists_searches_and_filters_the_staff(world: World, ask: Ask) -> None:
    nora = await named(world, "Nora", Role.MSSP_ADMIN)
    await named(world, "Zoë Adams")
    await named(world, "Ångström Ada")
    await world.staff(mssp=await world.mssp())

    assert await names(ask, nora) == ["Ångström Ada", "Nora", "Zoë Adams"]
    assert await names(ask, nora, search="ada") == ["Ångström Ada", "Zoë Adams"]
    assert await names(ask, nora, search="adams zoe") == ["Zoë Adams"]
    assert await names(ask, nora, search=nora.login) == ["Nora"]
    assert await names(ask, nora, role="MSSP_ADMIN") == ["Nora"]


async def test_the_list_is_read_in_pages(world: World, ask: Ask) -> None:
    nora = await named(world, "Nora", Role.MSSP_ADMIN)
    await named(world, "Ann")
    first = (await ask(STAFF, actor=nora, first=1)).data["staff"]

    following = (await ask(STAFF, actor=nora, first=1, after=first["pageInfo"]["endCursor"])).data["staff"]

    assert [edge["node"]["name"] for edge in following["edges"]] == ["Nora"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (2, True)


@pytest.mark.parametrize("who", ["technician", "portal_admin", "user"])
async def test_others_than_mssp_admins_get_an_empty_list(world: World, ask: Ask, who: str) -> None:
    await world.portal()
    person = await getattr(world, who)()

    reply = await ask(STAFF, actor=person)

    assert not reply.errors
    assert (reply.data["staff"]["totalCount"], reply.data["staff"]["edges"]) == (0, [])


async def test_the_assignments_of_many_members_take_as_many_statements_as_those_of_one(world: World, ask: Ask) -> None:
    nora, portal = await world.mssp_admin(), await world.portal()
    for _ in range(3):
        await world.technician(portal)
    await names(ask, nora)

    with statements() as for_one:
        await names(ask, nora, first=1, role="MSSP_TECHNICIAN")
    with statements() as for_all:
        await names(ask, nora, role="MSSP_TECHNICIAN")

    assert len(for_one) == len(for_all)
