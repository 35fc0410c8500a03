"""Queries identify a portal by its slug or its id. An empty text counts as absent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.features.selections.selecting import portal_gid
from tests.support.world import Ask, Person, World

LISTS = {
    "users": "totalCount nodes { id }",
    "licenseTiles": "id seatsUsed portal { slug }",
    "auditLog": "totalCount nodes { id }",
    "bulkOperations": "totalCount nodes { id }",
}
TYPED = ["acme", "ACME", " Acme\t"]


def document(field: str) -> str:
    of = "portalId: $portalId, portalSlug: $portalSlug"
    return f"query ($portalId: ID, $portalSlug: String) {{ {field}({of}) {{ {LISTS[field]} }} }}"


async def shown(ask: Ask, actor: Person, field: str, **named: Any) -> Any:
    reply = await ask(document(field), actor=actor, **named)
    assert not reply.errors
    return reply.data[field]


async def two_portals(world: World, ask: Ask) -> tuple[Person, Person]:
    """Create two portals, each with a user, an event and an operation. Return an MSSP admin, and the user of the portal
    acme.
    """
    nora = await world.mssp_admin()
    acme, harbour = await world.portal("acme"), await world.portal("harbour")
    bob, other = await world.user(acme), await world.user(harbour)
    await ask.act("lockUsers", nora, bob)
    await ask.act("lockUsers", nora, other)
    return nora, bob


def acme_id(bob: Person) -> str:
    assert bob.portal
    return portal_gid(bob.portal)


@pytest.mark.parametrize("field", LISTS)
async def test_a_slug_names_the_portal_however_it_is_typed(world: World, ask: Ask, field: str) -> None:
    nora, bob = await two_portals(world, ask)
    by_id = await shown(ask, nora, field, portalId=acme_id(bob))

    assert [await shown(ask, nora, field, portalSlug=slug) for slug in TYPED] == [by_id] * 3
    assert await shown(ask, nora, field) != by_id


@pytest.mark.parametrize("field", LISTS)
async def test_an_empty_slug_and_an_empty_id_name_no_portal(world: World, ask: Ask, field: str) -> None:
    nora, bob = await two_portals(world, ask)
    of_all, of_acme = await shown(ask, nora, field), await shown(ask, nora, field, portalSlug="acme")

    assert await shown(ask, nora, field, portalSlug=" ", portalId="") == of_all
    assert await shown(ask, nora, field, portalSlug="acme", portalId="") == of_acme
    assert await shown(ask, nora, field, portalSlug="", portalId=acme_id(bob)) == of_acme


@pytest.mark.parametrize("field", ["users", "auditLog", "bulkOperations"])
async def test_a_portal_user_who_names_no_portal_gets_an_empty_list(world: World, ask: Ask, field: str) -> None:
    _, bob = await two_portals(world, ask)
    eva = await world.user(bob.portal)

    assert [await shown(ask, eva, field, portalId=id) for id in ("", None)] == [{"totalCount": 0, "nodes": []}] * 2
    assert await shown(ask, eva, field, portalId=acme_id(eva)) is None


@pytest.mark.parametrize("field", LISTS)
async def test_a_slug_beside_an_id_is_refused_and_an_unknown_slug_is_null(world: World, ask: Ask, field: str) -> None:
    nora, bob = await two_portals(world, ask)

    both = await ask(document(field), actor=nora, portalId=acme_id(bob), portalSlug="acme")
    assert both.codes == ["BAD_USER_INPUT"]
    assert await shown(ask, nora, field, portalSlug="nowhere") is None


@pytest.mark.parametrize("field", LISTS)
async def test_a_portal_admin_names_the_own_portal_only(world: World, ask: Ask, field: str) -> None:
    _, bob = await two_portals(world, ask)
    ada = await world.portal_admin(bob.portal)

    assert await shown(ask, ada, field, portalSlug="Acme") == await shown(ask, ada, field, portalId=acme_id(bob))
    assert await shown(ask, ada, field, portalSlug="harbour") is None


async def test_a_portal_is_found_however_its_slug_is_typed(world: World, ask: Ask) -> None:
    nora, bob = await two_portals(world, ask)
    query = "query ($id: ID, $slug: String) { portal(id: $id, slug: $slug) { slug } }"

    found = [(await ask(query, actor=nora, slug=slug, id="")).data["portal"] for slug in TYPED]
    by_id = await ask(query, actor=nora, id=acme_id(bob), slug="")
    neither = await ask(query, actor=nora, id="", slug=" ")

    assert [*found, by_id.data["portal"]] == [{"slug": "acme"}] * 4
    assert neither.codes == ["BAD_USER_INPUT"]


async def test_an_empty_cursor_is_no_cursor(world: World, ask: Ask) -> None:
    nora, _ = await two_portals(world, ask)
    query = "query ($c: String) { users(first: 1, after: $c, before: $c) { nodes { id } } }"

    assert (await ask(query, actor=nora, c="")).data == (await ask(query, actor=nora)).data
