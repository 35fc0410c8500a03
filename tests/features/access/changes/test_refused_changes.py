"""changeAccess: refusals for one user, and refusals of the whole call."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import UserGrant
from rules.access import Role
from rules.grants.kinds import GrantableKind, ModuleAccess
from rules.lifecycle.licenses import UserKind
from tests.features.access.changes.changing import NOTHING, access_to, change, held
from tests.features.selections.selecting import codes, errors
from tests.support.granting import entry, grant
from tests.support.world import Ask, World
from tests.support.world.answers import reason, reasons, standing

Kind = GrantableKind


async def test_an_admin_only_module_is_refused_to_users_and_given_to_admins(world: World, ask: Ask) -> None:  # W5, W6
    portal = await world.portal()
    ann, bob, eve = await world.portal_admin(portal), await world.user(), await world.portal_admin()
    pricing = await entry(world, portal, Kind.MODULE, "Pricing", admin_only=True)

    payload = await change(ask, ann, bob, eve, ann, access=access_to(pricing, level="WRITE"))

    assert reasons(payload) == ["ADMIN_ONLY_MODULE", None, None]
    assert [await held(world, each) for each in (bob, eve)] == [NOTHING, {**NOTHING, "MODULE": ["Pricing WRITE"]}]


async def test_in_production_only_external_users_are_added_to_app_roles(world: World, ask: Ask) -> None:  # K4, K5
    portal = await world.portal(in_production=True)
    ann, bob = await world.portal_admin(portal), await world.user()
    intern, insider = await world.users(2, kind=UserKind.INTERNAL)
    editor = await entry(world, portal, Kind.APP_ROLE, app="CRM")
    crew = await entry(world, portal, Kind.GROUP)
    await grant(world, insider, editor)

    payload = await change(ask, ann, bob, intern, insider, access=access_to(editor, crew))
    taken = await change(ask, ann, insider, access={"appRoleIds": []})

    assert reasons(payload) == [None, "INTERNAL_USER_NOT_ALLOWED", None]
    assert reason(taken) is None
    assert await held(world, intern) == NOTHING


async def test_before_production_internal_users_are_added_to_app_roles_too(world: World, ask: Ask) -> None:  # K5
    portal = await world.portal(in_production=False)
    ann, intern = await world.portal_admin(portal), await world.user(kind=UserKind.INTERNAL)

    payload = await change(ask, ann, intern, access=access_to(await entry(world, portal, Kind.APP_ROLE, app="CRM")))

    assert reason(payload) is None


async def test_an_entry_of_another_portal_skips_the_user_and_names_the_field(world: World, ask: Ask) -> None:
    here, there = await world.portal(), await world.portal()
    nora, bob, eve = await world.mssp_admin(), await world.user(here), await world.user(there)
    crew = await entry(world, here, Kind.GROUP)

    payload = await change(ask, nora, bob, eve, access=access_to(crew))

    assert reasons(payload) == [None, "NOT_IN_PORTAL"]
    why = payload["outcomes"][1]["reason"]
    assert {"name": "field", "value": "groupIds"} in why["params"]
    assert "groupIds names what" in why["message"]
    assert standing(payload)[1] == ("ACTIVE", "ACTIVE")


async def test_ids_that_name_no_visible_entry_of_their_kind_refuse_the_call(world: World, ask: Ask) -> None:
    portal, foreign = await world.portal(), await world.portal(mssp=await world.mssp())
    ann, bob = await world.portal_admin(portal), await world.user(portal)
    crew, theirs = await entry(world, portal, Kind.GROUP), await entry(world, foreign, Kind.GROUP)
    access = {
        "groupIds": [crew.gid, theirs.gid, "no id"],
        "workspaceIds": [crew.gid],
        "modules": [{"moduleId": bob.gid, "access": "READ"}],
    }

    payload = await change(ask, ann, bob, access=access)

    assert errors(payload) == [
        ("NOT_FOUND", ["input", "access", "modules", "0", "moduleId"]),
        ("NOT_FOUND", ["input", "access", "workspaceIds", "0"]),
        ("NOT_FOUND", ["input", "access", "groupIds", "1"]),
        ("NOT_FOUND", ["input", "access", "groupIds", "2"]),
    ]
    assert await held(world, bob) == NOTHING


@pytest.mark.parametrize(
    ("access", "copy", "faults"),
    [
        (None, None, [("INVALID_INPUT", ["input", "access"])]),
        ({}, "an id", [("INVALID_INPUT", ["input", "copyFromUserId"])]),
        ({"groupIds": ["x"] * 101}, None, [("INVALID_INPUT", ["input", "access", "groupIds"])]),
        (None, "an id", [("NOT_FOUND", ["input", "copyFromUserId"])]),
    ],
)
async def test_a_call_without_one_valid_change_is_refused(
    world: World, ask: Ask, access: Any, copy: str | None, faults: Any
) -> None:
    ann, bob = await world.portal_admin(), await world.user()

    payload = await change(ask, ann, bob, access=access, copy=copy)

    assert errors(payload) == faults


async def test_a_module_that_is_named_twice_refuses_the_call(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob, reports = await world.portal_admin(portal), await world.user(), await entry(world, portal, Kind.MODULE)
    both = [{"moduleId": reports.gid, "access": level} for level in ModuleAccess]

    payload = await change(ask, ann, bob, access={"modules": both[1:]})

    assert errors(payload) == [("INVALID_INPUT", ["input", "access", "modules", "1", "moduleId"])]


async def test_a_portal_user_changes_no_access(world: World, ask: Ask) -> None:  # T12
    bob = await world.user()

    payload = await change(ask, bob, bob, access={"allSubAccounts": True})

    assert codes(payload) == ["NOT_ALLOWED"]
    assert await held(world, bob) == NOTHING


async def test_all_or_nothing_changes_no_access_if_one_user_is_refused(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob, eve = await world.portal_admin(portal), await world.user(), await world.user(role=Role.PORTAL_ADMIN)
    pricing = await entry(world, portal, Kind.MODULE, admin_only=True)

    payload = await change(ask, ann, eve, bob, access=access_to(pricing), errorPolicy="ALL_OR_NOTHING")

    assert reasons(payload) == ["ABORTED_BY_POLICY", "ADMIN_ONLY_MODULE"]
    assert await UserGrant.all().count() == 0


async def test_a_call_gives_a_bounded_number_of_entries(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, people = await world.portal_admin(portal), await world.users(501, portal)
    groups = [await entry(world, portal, Kind.GROUP) for _ in range(100)]

    payload = await change(ask, ann, *people, access=access_to(*groups))
    await change(ask, ann, people[0], access=access_to(*groups))
    copies = await change(ask, ann, *people, copy=people[0])
    fewer = await change(ask, ann, *people[1:], access=access_to(*groups), dryRun=True)

    assert errors(payload) == [("TOO_MANY_USERS", ["input", "access"])]
    assert errors(copies) == [("TOO_MANY_USERS", ["input", "copyFromUserId"])]
    assert {"name": "grants", "value": "50100"} in payload["errors"][0]["params"]
    assert set(reasons(fewer)) == {None}
