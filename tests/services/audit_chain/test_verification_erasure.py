"""The check of a chain finds no fault after users or portals are deleted, or in events older than the chain."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from models.db.sql import sql
from models.tables import AuditEvent, Portal
from resolvers.core.global_ids import global_id
from rules.grants.kinds import GrantableKind
from rules.housekeeping import Task
from services.audit_chain import verification
from tests.features.access.changes.changing import access_to, change
from tests.features.administration.administering import administer
from tests.services.audit_chain.tampering import events, found, logged, tamper, told
from tests.services.housekeeping.running import A_SECOND, swept
from tests.support.databases.stored import places_of
from tests.support.granting import entry
from tests.support.world import Ask, TestClock, World


async def test_a_chain_verifies_after_a_user_was_deleted_and_holds_no_text(world: World, ask: Ask) -> None:  # K32
    _, ann, bob = await logged(world, ask)
    assert await places_of("Quincunx", "Zyzzyva", "Bob asked", "INC-Bob")

    await ask.act("deleteUsers", ann, bob)

    assert await told(world) == []
    assert await places_of("Quincunx", "Zyzzyva", "Bob asked", "INC-Bob") == []
    assert [event.salt for event in await events()] == [None] * 6


async def test_the_names_of_what_a_deleted_user_could_reach_leave_the_log(world: World, ask: Ask) -> None:  # K32
    portal = await world.portal("acme")
    ann, bob = await world.portal_admin(portal), await world.user()
    group = await entry(world, portal, GrantableKind.GROUP, "Zyzzogeton")
    await change(ask, ann, bob, access=access_to(group))
    assert ("audit_event", "changes") in await places_of("Zyzzogeton")

    await ask.act("deleteUsers", ann, bob)

    assert ("audit_event", "changes") not in await places_of("Zyzzogeton")
    assert await told(world) == []


async def test_a_chain_verifies_after_retention_has_erased_users(world: World, ask: Ask, clock: TestClock) -> None:
    _, ann, bob = await logged(world, ask)
    await ask.act("deactivateUsers", ann, bob)
    await Portal.all().update(deactivated_retention_days=30)
    clock.advance(timedelta(days=30) + A_SECOND)

    assert (await swept(world))[Task.ERASE_DEACTIVATED] == 1

    assert await world.row(bob) is None
    assert await told(world) == []
    assert await places_of("Quincunx", "Zyzzyva", "Bob asked", "INC-Bob") == []


async def test_the_chain_of_a_deleted_portal_verifies_and_is_named(world: World, ask: Ask) -> None:
    log, *_ = await logged(world, ask)
    nora, (portal,) = await world.mssp_admin(), await Portal.all()

    await administer(
        ask, nora, "deletePortal", "deletedPortalId", id=global_id("Portal", portal.id), confirmSlug="acme"
    )

    assert not await Portal.exists()
    assert await told(world) == []
    await tamper(sql("UPDATE audit_event SET actor_id = NULL WHERE id = ?", log[1].id))
    (line,) = await told(world)
    assert line.startswith(f"audit log of portal {portal.id}, which is deleted, event {log[1].id}, number 2: CHANGED")


async def test_a_pretended_erasure_is_found_until_the_user_is_deleted(world: World, ask: Ask) -> None:
    log, _, bob = await logged(world, ask)

    await tamper("UPDATE audit_event SET changes = '[]', reason = NULL, ticket = NULL, salt = NULL WHERE sequence = 1")
    pretended = await found(world)
    await tamper(sql("DELETE FROM portal_user WHERE id = ?", bob.id))

    assert pretended == [("TEXTS_EMPTIED", log[0].id)]
    assert await found(world) == []


async def test_events_from_before_the_chain_are_a_note_and_no_fault(world: World, ask: Ask) -> None:
    log, ann, bob = await logged(world, ask)
    unchained = "UPDATE audit_event SET sequence = NULL, hash = NULL, digest = NULL, salt = NULL"
    await tamper(unchained, f"UPDATE audit_chain SET sequence = 0, hash = '{'0' * 64}', earlier = 5")

    await ask.act("unlockUsers", ann, bob)
    report = await verification.check_all(world.parts.runtime)
    await tamper(sql("DELETE FROM audit_event WHERE id = ?", log[0].id))

    assert report.faults == []
    assert report.notes == ["audit log of portal acme: 5 events are from before its chain, and no hash covers them"]
    assert [kind for kind, _ in await found(world)] == ["OUTSIDE"]


@pytest.mark.parametrize("has_earlier", [False, True])
async def test_no_event_is_passed_off_as_one_from_before_the_chain(
    world: World, ask: Ask, *, has_earlier: bool
) -> None:
    log, ann, bob = await logged(world, ask)
    if has_earlier:
        unchained = "UPDATE audit_event SET sequence = NULL, hash = NULL, digest = NULL, salt = NULL"
        await tamper(unchained, f"UPDATE audit_chain SET sequence = 0, earlier = {len(log)}")
        await ask.act("unlockUsers", ann, bob)
        log = [event for event in await events() if event.sequence]
    sound = await found(world)

    portal = await Portal.get(slug="acme")
    forged: dict[str, Any] = {"id": UUID(int=7), "at": log[0].at, "event": "user.locked", "portal_id": portal.id}
    await AuditEvent.create(**forged, mssp_id=portal.mssp_id)
    await tamper("UPDATE audit_chain SET earlier = earlier + 1")

    assert sound == []
    assert await found(world) == [("CHANGED", log[0].id)]
