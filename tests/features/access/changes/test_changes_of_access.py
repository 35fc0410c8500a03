"""changeAccess: what users may reach is given, replaced and taken away."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from models.tables import AuditEvent, UserGrant
from rules.grants.kinds import GrantableKind
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from tests.features.access.changes.changing import NOTHING, access_to, change, held, logged, one_of_each
from tests.support.granting import entry, grant, system_group
from tests.support.world import Ask, World
from tests.support.world.answers import reason, reasons, standing

Kind = GrantableKind


@pytest.mark.parametrize("who", ["mssp_admin", "technician", "portal_admin"])
async def test_managers_give_users_access_to_entries_of_each_kind(world: World, ask: Ask, who: str) -> None:  # K4, W2
    portal = await world.portal()
    actor = await (world.technician(portal) if who == "technician" else getattr(world, who)())
    people, entries = await world.users(2, portal), await one_of_each(world, portal)

    payload = await change(ask, actor, *people, access=access_to(*entries, level="WRITE", allSubAccounts=True))

    assert (reasons(payload), standing(payload)) == ([None] * 2, [("ACTIVE", "ACTIVE")] * 2)
    everything = {
        "portal": True,
        "all": True,
        "MODULE": ["MODULE 1 WRITE"],
        **{kind.value: [f"{kind.value} 1"] for kind in Kind if kind is not Kind.MODULE},
    }
    assert [await held(world, person) for person in people] == [everything] * 2


async def test_a_given_list_replaces_and_what_is_absent_or_null_stays(world: World, ask: Ask) -> None:  # E18
    portal = await world.portal()
    ann, bob, eve = await world.portal_admin(portal), await world.user(), await world.user()
    entries = await one_of_each(world, portal, number=2)
    ones, twos = entries[::2], entries[1::2]
    await grant(world, bob, *ones)
    workspace = next(each for each in twos if each.kind is Kind.WORKSPACE)

    await change(ask, ann, bob, access=access_to(workspace, groupIds=[], subAccountIds=None, portalAccess=None))

    assert await held(world, bob) == {
        **NOTHING,
        "MODULE": ["MODULE 1 READ"],
        "SUB_ACCOUNT": ["SUB_ACCOUNT 1"],
        "WORKSPACE": ["WORKSPACE 2"],
        "APP_ROLE": ["APP_ROLE 1"],
    }
    assert await held(world, eve) == NOTHING


async def test_a_module_gets_another_level_and_is_left_out_at_the_level_none(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user()
    reports, sales = [await entry(world, portal, Kind.MODULE, name) for name in ("Reports", "Sales")]
    await grant(world, bob, reports, sales)

    written = await change(ask, ann, bob, access=access_to(reports, sales, level="WRITE"))
    after_levels = await held(world, bob)
    none = {"modules": [{"moduleId": reports.gid, "access": "NONE"}]}
    taken = await change(ask, ann, bob, access=none)

    assert (reason(written), reason(taken)) == (None, None)
    assert after_levels == {**NOTHING, "MODULE": ["Reports WRITE", "Sales WRITE"]}
    assert await held(world, bob) == NOTHING
    assert await logged(bob) == [
        {"modules": ("Reports (READ), Sales (READ)", "Reports (WRITE), Sales (WRITE)")},
        {"modules": ("Reports (WRITE), Sales (WRITE)", None)},
    ]


async def test_an_external_user_begins_with_the_pages_of_the_portal_only(world: World) -> None:  # E17
    bob = await world.user(kind=UserKind.EXTERNAL)

    assert await held(world, bob) == NOTHING


@pytest.mark.parametrize("status", Status)
async def test_access_changes_in_each_status_and_the_status_stays(world: World, ask: Ask, status: Status) -> None:
    ann, bob = await world.portal_admin(), await world.user(status=status)

    payload = await change(ask, ann, bob, access={"allSubAccounts": True})

    assert (reason(payload), standing(payload)) == (None, [(status.value, status.value)])
    assert (await held(world, bob))["all"] is True


async def test_what_the_user_has_already_is_no_change_and_is_not_logged(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob, eve = await world.portal_admin(portal), await world.user(), await world.user()
    crew = await entry(world, portal, Kind.GROUP)
    await grant(world, bob, crew)

    payload = await change(ask, ann, bob, eve, access=access_to(crew, portalAccess=True))
    nothing = await change(ask, ann, bob, access={})

    assert reasons(payload) == ["ALREADY_IN_STATE", None]
    assert reason(nothing) == "ALREADY_IN_STATE"
    assert (await logged(bob), len(await logged(eve))) == ([], 1)


async def test_a_change_raises_the_version_and_the_time_of_the_last_change(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob, crew = await world.portal_admin(portal), await world.user(), await entry(world, portal, Kind.GROUP)
    world.clock.advance(timedelta(minutes=1))

    await change(ask, ann, bob, access=access_to(crew))
    after = await world.row(bob)

    assert after
    assert (after.version, after.modified_at) == (2, world.clock.now())


async def test_the_system_group_may_be_named_and_changes_nothing(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob, external = await world.portal_admin(portal), await world.user(), await system_group(portal)

    named = await change(ask, ann, bob, access=access_to(external))
    unnamed = await change(ask, ann, bob, access={"groupIds": []})

    assert (reason(named), reason(unnamed)) == ("ALREADY_IN_STATE", "ALREADY_IN_STATE")
    assert await UserGrant.all().count() == 0


async def test_the_change_is_logged_with_the_names_of_what_was_lost_and_got(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user()
    old, new = [await entry(world, portal, Kind.GROUP, name) for name in ("Old crew", "New crew")]
    await grant(world, bob, old)

    access = access_to(new, portalAccess=False)
    payload = await change(ask, ann, bob, access=access, reason="moved", ticket="INC-1")

    (event,) = await AuditEvent.filter(user_id=bob.id)
    assert (event.event, event.actor_id, event.reason, event.ticket) == (
        "user.access_changed",
        ann.id,
        "moved",
        "INC-1",
    )
    assert await logged(bob) == [{"portalAccess": ("true", "false"), "groups": ("Old crew", "New crew")}]
    document = "{ auditLog { nodes { event user { id } operation { id action } changes { field before after } } } }"
    (shown,) = (await ask(document, actor=ann)).data["auditLog"]["nodes"]
    assert (shown["event"], shown["operation"]) == (
        "USER_ACCESS_CHANGED",
        {"id": payload["operation"]["id"], "action": "CHANGE_ACCESS"},
    )


async def test_of_two_changes_at_once_the_user_ends_with_one_of_both(world: World, ask: Ask) -> None:
    portal = await world.portal()
    nora, bob = await world.mssp_admin(), await world.user(portal)
    entries = await one_of_each(world, portal, number=2)
    changes = [access_to(*entries[::2], allSubAccounts=True), access_to(*entries[1::2], level="WRITE")]
    await ask("{ viewer { id } }", actor=nora)

    for _ in range(3):
        payloads = await asyncio.gather(*(change(ask, nora, bob, access=access) for access in changes))
        assert all(code in (None, "ALREADY_IN_STATE") for payload in payloads for code in reasons(payload))

        found = await held(world, bob)
        assert {kind: found[kind] for kind in found if kind not in ("portal", "all")} in (
            {kind.value: [f"{kind.value} 1" + (" READ" if kind is Kind.MODULE else "")] for kind in Kind},
            {kind.value: [f"{kind.value} 2" + (" WRITE" if kind is Kind.MODULE else "")] for kind in Kind},
        )
