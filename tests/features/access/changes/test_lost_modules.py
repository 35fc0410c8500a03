"""Users who lose the role of an admin lose the admin-only modules."""

from __future__ import annotations

from typing import Any

from models.tables import AuditEvent
from rules.access import Role
from rules.grants.kinds import GrantableKind, ModuleAccess
from tests.features.access.changes.changing import NOTHING, held, logged
from tests.features.listing.counting_statements import statements
from tests.features.roles.test_transfers import transfer
from tests.support.granting import Entry, entry, grant
from tests.support.world import Ask, Person, World
from tests.support.world.answers import reasons

Kind = GrantableKind


async def modules(world: World, portal: Any) -> tuple[Entry, Entry]:
    """Add two modules to the portal: one for admins only, and one for all users."""
    pricing = await entry(world, portal, Kind.MODULE, "Pricing", admin_only=True)
    return pricing, await entry(world, portal, Kind.MODULE, "Reports")


async def admin_with(world: World, *entries: Entry) -> Person:
    admin = await world.portal_admin()
    await grant(world, admin, *entries, level=ModuleAccess.WRITE)
    return admin


async def test_a_change_of_role_takes_the_admin_only_modules_and_no_others(world: World, ask: Ask) -> None:  # W6
    portal = await world.portal()
    pricing, reports = await modules(world, portal)
    ann, bob = [await admin_with(world, pricing, reports) for _ in range(2)]
    await grant(world, bob, await entry(world, portal, Kind.GROUP, "Crew"))

    payload = await ask.act("changeRoles", ann, bob, role="PORTAL_USER", reason="left the team", ticket="INC-7")

    assert reasons(payload) == [None]
    assert await held(world, bob) == {**NOTHING, "MODULE": ["Reports WRITE"], "GROUP": ["Crew"]}
    assert await held(world, ann) == {**NOTHING, "MODULE": ["Pricing WRITE", "Reports WRITE"]}
    assert await logged(bob) == [{"modules": ("Pricing (WRITE)", None)}]
    events = await AuditEvent.filter(user_id=bob.id).order_by("id")
    assert [(event.event, event.reason, event.ticket) for event in events] == [
        ("user.role_changed", "left the team", "INC-7"),
        ("user.access_changed", "left the team", "INC-7"),
    ]
    assert len({event.operation_id for event in events}) == 1


async def test_a_user_who_becomes_an_admin_loses_no_module(world: World, ask: Ask) -> None:
    _, reports = await modules(world, await world.portal())
    ann, bob = await world.portal_admin(), await world.user()
    await grant(world, bob, reports)

    await ask.act("changeRoles", ann, bob)

    assert await held(world, bob) == {**NOTHING, "MODULE": ["Reports READ"]}
    assert await logged(bob) == []


async def test_a_role_that_stays_keeps_the_modules(world: World, ask: Ask) -> None:
    pricing, _ = await modules(world, await world.portal())
    ann = await admin_with(world, pricing)

    payload = await ask.act("changeRoles", ann, ann, role="PORTAL_USER")

    assert reasons(payload) == ["LAST_ADMIN"]
    assert await held(world, ann) == {**NOTHING, "MODULE": ["Pricing WRITE"]}


async def test_a_dry_run_takes_no_module(world: World, ask: Ask) -> None:
    pricing, _ = await modules(world, await world.portal())
    ann, bob = [await admin_with(world, pricing) for _ in range(2)]

    await ask.act("changeRoles", ann, bob, role="PORTAL_USER", dryRun=True)

    assert await held(world, bob) == {**NOTHING, "MODULE": ["Pricing WRITE"]}


async def test_a_handover_takes_the_admin_only_modules_of_the_former_admin(world: World, ask: Ask) -> None:  # L2, W6
    pricing, reports = await modules(world, await world.portal())
    ann, bob = await admin_with(world, pricing, reports), await world.user()

    payload = await transfer(ask, ann, bob)

    assert payload["errors"] == []
    assert [await held(world, each) for each in (ann, bob)] == [{**NOTHING, "MODULE": ["Reports WRITE"]}, NOTHING]
    assert await logged(ann) == [{"modules": ("Pricing (WRITE)", None)}]


async def test_an_invitee_who_loses_the_role_before_accepting_loses_them_too(world: World, ask: Ask) -> None:
    pricing, _ = await modules(world, await world.portal())
    ann, bob = await world.portal_admin(), await world.portal_admin(status="PROVISIONED")
    await grant(world, bob, pricing)

    await ask.act("changeRoles", ann, bob, role="PORTAL_USER")

    assert await held(world, bob) == NOTHING


async def test_one_admin_and_many_lose_the_modules_in_the_same_statements(world: World, ask: Ask) -> None:
    pricing, reports = await modules(world, await world.portal())
    nora, people = await world.mssp_admin(), await world.users(201, role=Role.PORTAL_ADMIN)
    for person in people:
        await grant(world, person, pricing, reports)
    await ask("{ viewer { id } }", actor=nora)

    counts = []
    for targets in (people[:1], people[1:]):
        with statements() as sent:
            payload = await ask.act("changeRoles", nora, *targets, role="PORTAL_USER")
        assert set(reasons(payload)) == {None}
        counts.append(len(sent))

    assert counts[0] == counts[1]
    assert await held(world, people[-1]) == {**NOTHING, "MODULE": ["Reports READ"]}
