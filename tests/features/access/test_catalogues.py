"""The catalogue of what a portal can grant: which roles may change it, and which entries are refused (W2)."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import Grantable, UserGrant
from rules.access import Role
from rules.grants.kinds import GrantableKind
from tests.features.access.cataloguing import catalogue_of, change, delete, save
from tests.features.administration.administering import codes, params
from tests.support.granting import Entry, entry, grant, system_group
from tests.support.world import Ask, World

EVENTS = "{ auditLog { nodes { event portal { slug } actor { id } changes { field before after } } } }"


async def events(ask: Ask, actor: Any) -> list[tuple[str, list[tuple[str, Any, Any]]]]:
    nodes = (await ask(EVENTS, actor=actor)).data["auditLog"]["nodes"]
    assert all(node["portal"] for node in nodes), "every account that manages the portal sees the event"
    return [
        (node["event"], [(c["field"], c["before"], c["after"]) for c in node["changes"]]) for node in reversed(nodes)
    ]


@pytest.mark.parametrize("role", ["mssp_admin", "technician", "portal_admin"])
async def test_managers_add_entries_of_every_kind_and_read_them(world: World, ask: Ask, role: str) -> None:  # W2
    portal = await world.portal()
    ann = await (world.mssp_admin() if role == "mssp_admin" else getattr(world, role)(portal))

    saved = [
        await save(ask, ann, portal, "MODULE", " Reports "),
        await save(ask, ann, portal, "MODULE", "Invoices", adminOnly=True),
        await save(ask, ann, portal, "SUB_ACCOUNT", "Branch Łódź"),
        await save(ask, ann, portal, "WORKSPACE", "Blueprints"),
        await save(ask, ann, portal, "GROUP", "Auditors"),
        await save(ask, ann, portal, "APP_ROLE", "Editor", app="Wiki"),
    ]

    assert [payload["errors"] for payload in saved] == [[]] * 6
    ids = [payload["grantable"].pop("id") for payload in saved]
    assert [payload["grantable"] for payload in saved] == [
        {"__typename": "Module", "name": "Reports", "adminOnly": False},
        {"__typename": "Module", "name": "Invoices", "adminOnly": True},
        {"__typename": "SubAccount", "name": "Branch Łódź"},
        {"__typename": "Workspace", "name": "Blueprints"},
        {"__typename": "Group", "name": "Auditors", "isSystem": False},
        {"__typename": "AppRole", "app": "Wiki", "name": "Editor"},
    ]
    assert await catalogue_of(ask, ann, portal) == {
        "modules": [
            {"id": ids[1], "name": "Invoices", "adminOnly": True},
            {"id": ids[0], "name": "Reports", "adminOnly": False},
        ],
        "subAccounts": {"totalCount": 1, "nodes": [{"id": ids[2], "name": "Branch Łódź"}]},
        "workspaces": [{"id": ids[3], "name": "Blueprints"}],
        "groups": [
            {"id": ids[4], "name": "Auditors", "isSystem": False},
            {"id": (await system_group(portal)).gid, "name": "External users", "isSystem": True},
        ],
        "appRoles": [{"id": ids[5], "app": "Wiki", "name": "Editor"}],
    }


async def test_portal_users_neither_write_nor_read_the_catalogue(world: World, ask: Ask) -> None:  # T12
    portal = await world.portal()
    bob, wiki = await world.user(portal), await entry(world, portal, GrantableKind.WORKSPACE, "Wiki")

    refused = [
        await save(ask, bob, portal, "GROUP", "Friends"),
        await change(ask, bob, portal, wiki, name="Mine"),
        await delete(ask, bob, wiki),
    ]

    assert [codes(payload) for payload in refused] == [[("NOT_ALLOWED", None)]] * 3
    assert await catalogue_of(ask, bob, portal) is None
    assert await Grantable.filter(name="Wiki").count() == await Grantable.filter(kind="WORKSPACE").count() == 1


async def test_a_change_keeps_what_is_not_given(world: World, ask: Ask) -> None:  # K23
    portal = await world.portal()
    ann = await world.portal_admin(portal)
    module = await entry(world, portal, GrantableKind.MODULE, "Reports", admin_only=True)
    role = await entry(world, portal, GrantableKind.APP_ROLE, "Editor", app="Wiki")

    renamed = await change(ask, ann, portal, module, name="Reporting")
    opened = await change(ask, ann, portal, module, name="Reporting", adminOnly=False)
    moved = await change(ask, ann, portal, role, app="Forum")
    kept = await change(ask, ann, portal, role, name="Author")

    assert [p["grantable"].get("adminOnly") for p in (renamed, opened)] == [True, False]
    assert [(p["grantable"]["app"], p["grantable"]["name"]) for p in (moved, kept)] == [
        ("Forum", "Editor"),
        ("Forum", "Author"),
    ]


async def test_a_module_that_others_hold_does_not_become_admin_only(world: World, ask: Ask) -> None:  # W5
    portal = await world.portal()
    ann, (bob, eve) = await world.portal_admin(portal), await world.users(2, portal)
    module = await entry(world, portal, GrantableKind.MODULE, "Pricing")
    for person in (ann, bob, eve):
        await grant(world, person, module)

    refused = await change(ask, ann, portal, module, adminOnly=True)
    await UserGrant.filter(user_id__in=[bob.id, eve.id]).delete()
    done = await change(ask, ann, portal, module, adminOnly=True)

    assert codes(refused) == [("INVALID_INPUT", ["input", "adminOnly"])]
    assert params(refused) == {"problem": "HELD_BY_OTHERS", "holders": "2"}
    assert done["grantable"]["adminOnly"] is True


async def test_a_deletion_says_first_how_many_lose_the_entry_then_takes_it_away(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, people = await world.portal_admin(portal), await world.users(3, portal)
    group, other = [await entry(world, portal, GrantableKind.GROUP) for _ in range(2)]
    for person in people:
        await grant(world, person, group, other)

    asked = await delete(ask, ann, group, dry_run=True)
    held = await UserGrant.filter(grantable_id=group.id).count()
    done = await delete(ask, ann, group)
    again = await delete(ask, ann, group)

    assert asked == {"deletedGrantableId": None, "usersLosingIt": 3, "errors": []}
    assert held == 3
    assert done == {"deletedGrantableId": group.gid, "usersLosingIt": 3, "errors": []}
    assert codes(again) == [("NOT_FOUND", ["input", "id"])]
    assert [row.grantable_id for row in await UserGrant.all()] == [other.id] * 3


async def test_the_system_group_is_neither_renamed_nor_deleted(world: World, ask: Ask) -> None:  # E15
    portal = await world.portal()
    nora, group = await world.mssp_admin(), await system_group(portal)

    refused = [await change(ask, nora, portal, group, name="Guests"), await delete(ask, nora, group)]
    unchanged = await change(ask, nora, portal, group)

    assert [codes(payload) for payload in refused] == [[("NOT_ALLOWED", ["input", "id"])]] * 2
    assert params(refused[0]) == {"problem": "SYSTEM_GROUP_STAYS"}
    assert (unchanged["errors"], unchanged["grantable"]["isSystem"]) == ([], True)
    assert (await system_group(portal)).name == "External users"


async def test_each_change_of_a_catalogue_is_an_event_of_the_portal(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, role=Role.PORTAL_ADMIN)

    await save(ask, ann, portal, "MODULE", "Pricing", adminOnly=True)
    row = await Grantable.get(name="Pricing")
    module = Entry(row.id, GrantableKind.MODULE, row.name)
    await grant(world, bob, module)
    await change(ask, ann, portal, module)
    await change(ask, ann, portal, module, name="Prices")
    await delete(ask, ann, module, dry_run=True)
    await delete(ask, ann, module)

    gid = module.gid
    assert await events(ask, ann) == [
        (
            "GRANTABLE_ADDED",
            [
                ("grantable", None, gid),
                ("kind", None, "MODULE"),
                ("name", None, "Pricing"),
                ("adminOnly", None, "true"),
            ],
        ),
        ("GRANTABLE_CHANGED", [("grantable", gid, gid), ("name", "Pricing", "Prices")]),
        (
            "GRANTABLE_DELETED",
            [
                ("grantable", gid, None),
                ("kind", "MODULE", None),
                ("name", "Prices", None),
                ("adminOnly", "true", None),
                ("users", "1", "0"),
            ],
        ),
    ]
