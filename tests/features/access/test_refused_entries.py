"""Refused changes of a catalogue's entries.

The reasons are a name in use, a value that only another kind of entry has, an unknown id, and a full catalogue.
"""

from __future__ import annotations

import pytest

from models.tables import Grantable
from rules.grants.kinds import MOST_GRANTABLES, GrantableKind
from tests.features.access.cataloguing import change, delete, save
from tests.features.administration.administering import codes, params
from tests.support.granting import entry
from tests.support.world import Ask, World


async def test_a_name_occurs_once_in_a_kind_and_an_app_without_regard_to_case(world: World, ask: Ask) -> None:
    portal, other = await world.portal(), await world.portal()
    nora = await world.mssp_admin()
    for kind in ("GROUP", "WORKSPACE"):
        await save(ask, nora, portal, kind, "Büro")
    await save(ask, nora, portal, "APP_ROLE", "Editor", app="Wiki")

    taken = [
        await save(ask, nora, portal, "GROUP", "BURO"),
        await save(ask, nora, portal, "APP_ROLE", "editor", app="WIKI"),
        await save(ask, nora, portal, "GROUP", "external users"),
    ]
    free = [
        await save(ask, nora, other, "GROUP", "Büro"),
        await save(ask, nora, portal, "APP_ROLE", "Editor", app="Forum"),
        await save(ask, nora, portal, "MODULE", "External users"),
    ]

    assert [codes(payload) for payload in taken] == [[("INVALID_INPUT", ["input", "name"])]] * 3
    assert params(taken[0]) == {"problem": "NAME_IN_USE", "value": "BURO"}
    assert [payload["errors"] for payload in free] == [[]] * 3


async def test_an_entry_can_change_the_spelling_of_its_own_name(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, group = await world.portal_admin(portal), await entry(world, portal, GrantableKind.GROUP, "buro")

    payload = await change(ask, ann, portal, group, name="Büro")

    assert (payload["errors"], payload["grantable"]["name"]) == ([], "Büro")


async def test_all_faults_of_an_entry_come_back_at_once(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann = await world.portal_admin(portal)

    of_group = await save(ask, ann, portal, "GROUP", " ", app="Wiki", adminOnly=True)
    of_role = await save(ask, ann, portal, "APP_ROLE", "x" * 201)

    assert codes(of_group) == [("INVALID_INPUT", ["input", field]) for field in ("name", "app", "adminOnly")]
    assert codes(of_role) == [("INVALID_INPUT", ["input", field]) for field in ("name", "app")]
    assert await Grantable.filter(is_system=False).count() == 0


async def test_an_id_of_another_portal_or_kind_names_nothing(world: World, ask: Ask) -> None:
    mine, sibling = await world.portal(), await world.portal()
    foreign = await world.portal(mssp=await world.mssp())
    nora, ann = await world.mssp_admin(), await world.portal_admin(mine)
    group = await entry(world, mine, GrantableKind.GROUP, "Auditors")
    theirs = await entry(world, foreign, GrantableKind.GROUP, "Auditors")

    missing = [
        await change(ask, nora, sibling, group, name="Moved"),
        await save(ask, nora, mine, "WORKSPACE", "Turned", id=group.gid),
        await change(ask, nora, mine, theirs, name="Taken"),
        await save(ask, nora, mine, "GROUP", "No id", id="no id"),
        await delete(ask, nora, theirs),
        await delete(ask, nora, theirs, dry_run=True),
    ]
    unseen = await save(ask, ann, sibling, "GROUP", "New")

    assert [codes(payload) for payload in missing] == [[("NOT_FOUND", ["input", "id"])]] * 6
    assert codes(unseen) == [("NOT_FOUND", ["input", "portalId"])]
    assert await Grantable.filter(name="Auditors").count() == 2


@pytest.mark.parametrize("kind", [GrantableKind.GROUP, GrantableKind.MODULE])
async def test_a_portal_has_a_bounded_number_of_entries_of_a_kind(world: World, ask: Ask, kind: GrantableKind) -> None:
    portal = await world.portal()
    ann, most = await world.portal_admin(portal), MOST_GRANTABLES[kind]
    for _ in range(most - await Grantable.filter(portal_id=portal.id, kind=kind).count()):
        await entry(world, portal, kind)

    full = await save(ask, ann, portal, kind.value, "One more")
    of_another_kind = await save(ask, ann, portal, "SUB_ACCOUNT", "One more")

    assert codes(full) == [("INVALID_INPUT", ["input", "kind"])]
    assert params(full) == {"problem": "TOO_MANY_GRANTABLES", "maximum": str(most)}
    assert of_another_kind["errors"] == []
