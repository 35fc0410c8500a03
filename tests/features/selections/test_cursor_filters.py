"""A cursor is valid only in its own list: for the same owner and the same arguments, except those of the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLObjectType, build_schema

from api import app as server
from rules.grants.kinds import GrantableKind
from tests.features.listing.people import seed_users
from tests.features.selections.selecting import portal_gid
from tests.support.granting import entry
from tests.support.world import Ask, Person, World

OF_PORTALS = ["", 'portalId: "{acme}"', 'portalSlug: "acme"', 'portalSlug: "harbour"']
OF_USERS = ["", "category: DISABLED", 'search: "ser"', "filter: {{ holdsSeat: true }}"]
OF_DAYS = ['filter: {{ addedAfter: "P900D" }}', 'filter: {{ addedAfter: "P800D" }}']
OF_EVENTS = ["", "filter: {{ eventIn: [USER_LOCKED] }}", 'filter: {{ after: "P90D" }}']
LISTS = {
    "Query.portals": ["", 'search: "a"', 'search: "r"', "filter: {{ isActive: true }}"],
    "Query.staff": ["", "staffRole: MSSP_ADMIN", 'search: "@"'],
    "Query.users": OF_PORTALS + OF_USERS[1:] + OF_DAYS,
    "Query.auditLog": OF_PORTALS + OF_EVENTS[1:] + ['userId: "{bob}"', 'userId: "{eve}"'],
    "Query.bulkOperations": [*OF_PORTALS, "stateIn: [SUCCEEDED]", "stateIn: [SUCCEEDED, UNCHANGED]"],
    "Portal.users": OF_USERS,
    "PortalUser.auditLog": OF_EVENTS,
    "BulkOperation.outcomes": ["", "status: SUCCEEDED"],
    "StaffMember.portals": [""],
    "Assignment.portals": [""],
    "Grantables.subAccounts": ["", 'search: "account"', 'search: "o"'],
}
"""Several texts of GraphQL arguments for each list, by the list's field. Each of the texts selects different items."""

OWNERS = {
    "Portal": ("acme", "harbour"),
    "PortalUser": ("bob", "eve"),
    "BulkOperation": ("lock", "other_lock"),
    "StaffMember": ("nora", "tim"),
    "Assignment": ("tim",),
    "Grantables": ("acme", "harbour"),
}
"""Maps each type that has a field with a list to the names of its objects, which `two_portals` has created.

An assignment has the name of its technician, and a catalogue the name of its portal.
"""
BETWEEN = {"Assignment": ("StaffMember", "assignment"), "Grantables": ("Portal", "grantables")}
"""For each type without an id, the type and the field through which a query reaches it.

An Assignment, for example, is reached by the field `assignment` of a StaffMember.
"""

OF_THE_PAGE = {"first", "after", "last", "before", "orderBy"}


async def two_portals(world: World, ask: Ask) -> tuple[Person, dict[str, str]]:
    """Create two portals, each with a locked user. Return an MSSP admin, and the global ids of the objects by name."""
    nora, acme, harbour = await world.mssp_admin(), await world.portal("acme"), await world.portal("harbour")
    bob, eve, tim = await world.user(acme), await world.user(harbour), await world.technician(acme, harbour)
    for portal in (acme, harbour):
        await entry(world, portal, GrantableKind.SUB_ACCOUNT, "Account of one")
    locks = [(await ask.act("lockUsers", nora, who))["operation"]["id"] for who in (bob, eve)]
    people = {"nora": nora.gid, "tim": tim.gid, "bob": bob.gid, "eve": eve.gid}
    portals = {"acme": portal_gid(acme), "harbour": portal_gid(harbour)}
    return nora, {**people, **portals, "lock": locks[0], "other_lock": locks[1]}


def pages(of: str, ids: dict[str, str]) -> Iterator[str]:
    """Yield queries that read a page of the field `of`, such as `Portal.users`: one for each owner and each filter.

    Each query has `%s` at the place of the argument `after` or `before`.
    """
    type_, field = of.split(".")
    for owner in OWNERS.get(type_, [None]):
        for arguments in LISTS[of]:
            page = f"it: {field}({arguments.format(**ids)} %s) {{ pageInfo {{ endCursor }} edges {{ cursor }} }}"
            if owner is None:
                yield page
            elif type_ in BETWEEN:
                named, field_of = BETWEEN[type_]
                yield f'node(id: "{ids[owner]}") {{ ... on {named} {{ it: {field_of} {{ {page} }} }} }}'
            else:
                yield f'node(id: "{ids[owner]}") {{ ... on {type_} {{ {page} }} }}'


def shown(data: dict[str, Any]) -> Any:
    found = data["it"] if "it" in data else data["node"] and data["node"]["it"]
    return found["it"] if found and "it" in found else found


@pytest.mark.parametrize("of", LISTS)
async def test_a_cursor_of_another_list_or_filter_is_refused(world: World, ask: Ask, of: str) -> None:
    nora, ids = await two_portals(world, ask)
    lists = list(pages(of, ids))
    cursors = [shown((await ask(f"{{ {page % 'first: 1'} }}", actor=nora)).data) for page in lists]
    cursors = [page["pageInfo"]["endCursor"] for page in cursors]
    assert all(cursors)

    for page in lists:
        for other, cursor in zip(lists, cursors, strict=True):
            for way in ("after", "before"):
                reply = await ask("{ " + page % f'{way}: "{cursor}"' + " }", actor=nora)
                assert reply.codes == (["BAD_USER_INPUT"] * (other is not page)), (page, other)


def test_every_argument_of_every_list_has_a_cursor_of_its_own() -> None:
    types = build_schema(server.schema(introspection=True).as_str()).type_map.values()

    arguments = {
        f"{type_.name}.{name}": {argument for argument in field.args if argument not in OF_THE_PAGE}
        for type_ in types
        if isinstance(type_, GraphQLObjectType)
        for name, field in type_.fields.items()
        if "after" in field.args
    }

    assert {of: {text.split(":")[0] for text in texts if text} for of, texts in LISTS.items()} == arguments


async def test_a_duration_keeps_its_cursors_as_time_passes(world: World, ask: Ask) -> None:
    await seed_users(world, 30)
    nora = await world.mssp_admin()
    page = '{ users(filter: { addedAfter: "P900D" } %s) { pageInfo { endCursor } } }'
    cursor = (await ask(page % "", actor=nora)).data["users"]["pageInfo"]["endCursor"]

    world.clock.advance(timedelta(minutes=5))

    assert (await ask(page % f'after: "{cursor}"', actor=nora)).codes == []


async def test_an_empty_argument_has_the_cursors_of_none(world: World, ask: Ask) -> None:
    await seed_users(world, 5)
    nora = await world.mssp_admin()
    cursor = (await ask("{ users { pageInfo { endCursor } } }", actor=nora)).data["users"]["pageInfo"]["endCursor"]

    for empty in ('search: ""', 'portalId: ""', 'portalSlug: ""', "category: null", "filter: null", "orderBy: []"):
        assert (await ask(f'{{ users({empty} after: "{cursor}") {{ nodes {{ id }} }} }}', actor=nora)).codes == []


async def test_a_cursor_is_valid_with_another_page_size(world: World, ask: Ask) -> None:
    await seed_users(world, 5)
    nora = await world.mssp_admin()
    page = "{ users(category: ENABLED %s) { nodes { id } pageInfo { endCursor } } }"
    found = (await ask(page % "first: 2", actor=nora)).data["users"]

    ahead = await ask(page % f'first: 1 after: "{found["pageInfo"]["endCursor"]}"', actor=nora)
    back = await ask(page % f'last: 1 before: "{found["pageInfo"]["endCursor"]}"', actor=nora)

    assert len(ahead.data["users"]["nodes"]) == 1
    assert back.data["users"]["nodes"] == found["nodes"][:1]
