"""The deletion of a portal: its dry run, its confirmation, and which rows are deleted or kept."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import AuditEvent, Portal, StaffMember
from resolvers.core.global_ids import global_id
from services.administration import portal_deletion
from tests.features.account.editing import update
from tests.features.administration.administering import administer, codes, events_of, params
from tests.support.databases.stored import everything, places_of
from tests.support.world import Ask, Person, World

SHOWN = "deletedPortalId usersToDelete licensePackagesToDelete"


async def delete(ask: Ask, actor: Person, portal: Portal, **given: Any) -> Any:
    return await administer(ask, actor, "deletePortal", SHOWN, id=global_id("Portal", portal.id), **given)


def numbers(payload: Any) -> tuple[Any, int, int]:
    return payload["deletedPortalId"], payload["usersToDelete"], payload["licensePackagesToDelete"]


async def test_a_dry_run_says_what_would_go_and_changes_nothing(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(), await world.mssp_admin()
    await world.users(3, portal)
    await ask("{ viewer { id } }", actor=nora)
    before = await everything()

    payload = await delete(ask, nora, portal, dryRun=True)

    assert (codes(payload), numbers(payload)) == ([], (None, 3, 1))
    assert await everything() == before


@pytest.mark.parametrize("slug", [None, "", "acm", "other"])
async def test_a_deletion_is_confirmed_with_the_slug(world: World, ask: Ask, slug: str | None) -> None:
    portal, nora = await world.portal("acme"), await world.mssp_admin()
    await world.portal("other")
    await world.user(portal)

    payload = await delete(ask, nora, portal, confirmSlug=slug)

    assert codes(payload) == [("CONFIRMATION_REQUIRED", ["input", "confirmSlug"])]
    assert params(payload) == {"problem": "CONFIRM_SLUG", "users": "1"}
    assert await Portal.filter(id=portal.id).exists()


async def test_a_deleted_portal_is_gone_with_its_users_and_their_sessions(world: World, ask: Ask) -> None:
    portal, other, nora = await world.portal("acme"), await world.portal("other"), await world.mssp_admin()
    ann, bob, tim = await world.portal_admin(portal), await world.user(portal), await world.technician(portal)
    kim = await world.user(other)
    await world.tag(portal, "gold")
    await ask("{ viewer { id } }", actor=bob)
    await ask.act("resetPasswords", ann, bob)
    before = await world.row(kim)

    payload = await delete(ask, nora, portal, confirmSlug=" ACME ")

    assert (codes(payload), numbers(payload)) == ([], (global_id("Portal", portal.id), 2, 1))
    assert (await ask("{ viewer { id } }", actor=bob)).unauthenticated
    assert (await ask('{ portal(slug: "acme") { id } }', actor=nora)).data["portal"] is None
    assert (await ask("{ portals { totalCount } licenseTiles { seatsUsed } }", actor=nora)).data == {
        "portals": {"totalCount": 1},
        "licenseTiles": {"seatsUsed": 1},
    }
    assert (await ask("{ portals { totalCount } }", actor=tim)).data["portals"] == {"totalCount": 0}
    assert {
        place
        for place in await places_of(str(portal.id))
        if place[0] not in ("audit_event", "audit_chain", "bulk_outcome")
    } == set()
    assert await world.row(kim) == before
    assert await StaffMember.filter(id=tim.id).exists()


async def test_a_second_deletion_does_not_find_the_portal(world: World, ask: Ask) -> None:
    portal, nora = await world.portal("acme"), await world.mssp_admin()

    payloads = [await delete(ask, nora, portal, confirmSlug="acme") for _ in range(2)]
    dry = await delete(ask, nora, portal, dryRun=True)

    assert [codes(p) for p in (*payloads, dry)] == [
        [],
        [("NOT_FOUND", ["input", "id"])],
        [("NOT_FOUND", ["input", "id"])],
    ]


async def test_the_audit_log_stays_with_the_mssp_without_names(world: World, ask: Ask) -> None:  # K32
    portal, nora = await world.portal("acme"), await world.mssp_admin()
    ann, bob = await world.portal_admin(portal), await world.user(portal, first_name="Umberto")
    others = await world.technician(portal), await world.mssp_admin(await world.mssp())
    await update(ask, ann, bob, firstName="Ottokar")
    await ask.act("lockUsers", ann, bob, reason="Ottokar asked", ticket="Ottokar-1")

    await delete(ask, nora, portal, confirmSlug="acme")

    events = await events_of(ask, nora)
    assert [event for event, _ in events] == ["USER_UPDATED", "USER_LOCKED", "PORTAL_DELETED"]
    assert events[-1][1] == {
        "portal": (global_id("Portal", portal.id), None),
        "slug": ("acme", None),
        "name": (portal.name, None),
        "users": ("2", "0"),
    }
    assert await places_of("Umberto", "Ottokar") == []
    assert {event.portal_id for event in await AuditEvent.filter(user_id=bob.id)} == {portal.id}  # type: ignore[attr-defined]  # Tortoise adds it
    for other in others:
        assert (await ask("{ auditLog { totalCount nodes { id } } }", actor=other)).data["auditLog"]["totalCount"] == 0


async def test_a_technician_of_all_portals_but_some_sees_no_event_of_a_deleted_portal(world: World, ask: Ask) -> None:
    portal, nora, tim = await world.portal("acme"), await world.mssp_admin(), await world.technician()
    await StaffMember.filter(id=tim.id).update(assigned_all_except=True)
    await ask.act("lockUsers", nora, await world.user(portal))
    log = "{ auditLog { totalCount nodes { id } } }"
    (event,) = (await ask(log, actor=tim)).data["auditLog"]["nodes"]

    await delete(ask, nora, portal, confirmSlug="acme")

    assert (await ask(log, actor=tim)).data["auditLog"] == {"totalCount": 0, "nodes": []}
    node = await ask("query ($id: ID!) { node(id: $id) { id } }", actor=tim, id=event["id"])
    assert node.data == {"node": None}


async def test_a_run_in_a_deleted_portal_stays_without_people(world: World, ask: Ask) -> None:
    portal, nora = await world.portal("acme"), await world.mssp_admin()
    bob = await world.user(portal, first_name="Umberto")
    operation = (await ask.act("lockUsers", nora, bob))["operation"]["id"]

    await delete(ask, nora, portal, confirmSlug="acme")

    document = """query ($id: ID!) { node(id: $id) { ... on BulkOperation {
        portals { id } summary { succeeded } outcomes { nodes { label user { id } status reason { message } } } } } }"""
    stored = (await ask(document, actor=nora, id=operation)).data["node"]
    assert stored == {
        "portals": [],
        "summary": {"succeeded": 1},
        "outcomes": {"nodes": [{"label": None, "user": None, "status": "SUCCEEDED", "reason": None}]},
    }


async def test_users_are_erased_in_parts_and_at_most_so_many(
    world: World, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal_deletion, "ERASED_AT_ONCE", 2)
    monkeypatch.setattr("rules.administration.portals.MOST_USERS_ERASED", 5)
    small, large, nora = await world.portal("small"), await world.portal("large"), await world.mssp_admin()
    await world.users(5, small)
    await world.users(6, large)

    deleted = await delete(ask, nora, small, confirmSlug="small")
    refused = [await delete(ask, nora, large, confirmSlug="large"), await delete(ask, nora, large, dryRun=True)]

    assert (codes(deleted), deleted["usersToDelete"]) == ([], 5)
    assert [codes(payload) for payload in refused] == [[("TOO_MANY_USERS", ["input", "id"])]] * 2
    assert params(refused[0]) == {"problem": "USERS_TO_ERASE", "users": "6", "maximum": "5"}


@pytest.mark.parametrize("role", ["technician", "portal_admin", "user"])
async def test_others_than_mssp_admins_delete_no_portal(world: World, ask: Ask, role: str) -> None:  # T12
    portal = await world.portal("acme")
    actor = await (world.technician(portal) if role == "technician" else getattr(world, role)(portal))

    payload = await delete(ask, actor, portal, confirmSlug="acme")

    assert codes(payload) == [("NOT_ALLOWED", None)]
    assert await Portal.exists()
