"""The check of the audit log finds changes in the database, but no fault in what Gatehouse erases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.audit_chain import appending
from models.db.sql import fetch, is_postgres, sql
from models.tables import AuditChain, AuditEvent
from resolvers.core.global_ids import global_id
from services.audit_chain import verification
from tests.features.administration.administering import administer
from tests.services.audit_chain.tampering import found, logged, tamper, told
from tests.support.databases.stored import everything
from tests.support.world import PASSWORD, Ask, World
from tests.support.world.answers import sign_in


async def test_events_are_numbered_in_the_chain_of_their_portal_or_mssp(world: World, ask: Ask) -> None:
    first, second, nora = await world.portal("acme"), await world.portal("umbra"), await world.mssp_admin()
    people = [await world.user(portal) for portal in (first, second, first)]

    await ask.act("lockUsers", nora, *people)
    for name in ("Acme", "Acme Inc."):
        await administer(ask, nora, "updatePortal", "portal { name }", id=global_id("Portal", first.id), name=name)

    numbers = {(event.portal_id, event.sequence) for event in await AuditEvent.all()}  # type: ignore[attr-defined]  # Tortoise adds it
    assert numbers == {(first.id, 1), (first.id, 2), (second.id, 1), (None, 1)}
    heads = {chain.id: chain.sequence for chain in await AuditChain.all()}
    assert heads == {first.id: 2, second.id: 1, first.mssp_id: 1}
    assert await told(world) == []


@pytest.mark.parametrize("column", appending.COLUMNS)
async def test_a_change_of_any_column_is_found_at_its_event(world: World, ask: Ask, column: str) -> None:
    log, *_ = await logged(world, ask)
    other_mssp = await world.mssp()
    for number in (1, 2, 5):
        event = log[number - 1]
        value: dict[str, Any] = {
            "id": world.parts.runtime.new_id(),
            "at": event.at + timedelta(microseconds=1),
            "event": "user.deleted",
            "mssp_id": other_mssp.id,
            "changes": '[{"field": "status", "before": null, "after": "ACTIVE"}]',
            "sequence": 77,
            **dict.fromkeys(("actor_id", "portal_id", "user_id", "operation_id"), world.parts.runtime.new_id()),
            **dict.fromkeys(("reason", "ticket", "hash", "digest", "salt"), "f" * 64),
        }
        id = value["id"] if column == "id" else event.id
        (stored,) = await fetch(sql(f"SELECT {column} FROM audit_event WHERE id = ?", event.id))

        await tamper(sql(f"UPDATE audit_event SET {column} = ? WHERE id = ?", value[column], event.id))

        kinds = await found(world)
        expected = {
            "hash": ["LINK_BROKEN"],
            "salt": ["TEXTS_CHANGED"],
            "digest": ["TEXTS_CHANGED", "CHANGED"],
            "sequence": [],
            "portal_id": [],
            "reason": ["TEXTS_CHANGED"],
            "ticket": ["TEXTS_CHANGED"],
            "changes": ["TEXTS_CHANGED" if number == 1 else "CHANGED"],
            "event": ["TEXTS_CHANGED", "CHANGED"] if number == 1 else ["CHANGED"],
        }.get(column, ["CHANGED"])
        if expected:
            assert kinds == [(kind, id) for kind in expected], number
        else:  # the event is missing in its place: the next event, or the head, tells
            assert kinds[0] == (("TRUNCATED", log[3].id) if number == 5 else ("MISSING", log[number].id))

        await tamper(sql(f"UPDATE audit_event SET {column} = ? WHERE id = ?", stored[column], id))

        assert await found(world) == [], number


async def test_a_portal_the_event_and_the_kind_of_fault_are_named(world: World, ask: Ask) -> None:
    log, *_ = await logged(world, ask)

    await tamper(sql("UPDATE audit_event SET actor_id = NULL WHERE id = ?", log[1].id))

    assert await told(world) == [
        f"audit log of portal acme, event {log[1].id}, number 2: CHANGED: a column was changed after the event was written"
    ]


@pytest.mark.parametrize(("number", "fault", "at"), [(1, "MISSING", 2), (3, "MISSING", 4), (5, "TRUNCATED", 4)])
async def test_a_deleted_event_is_missed(world: World, ask: Ask, number: int, fault: str, at: int) -> None:
    log, *_ = await logged(world, ask)

    await tamper(sql("DELETE FROM audit_event WHERE id = ?", log[number - 1].id))

    assert await found(world) == [(fault, log[at - 1].id)]


async def test_a_log_that_was_deleted_as_a_whole_is_missed(world: World, ask: Ask) -> None:
    await logged(world, ask)

    await tamper("DELETE FROM audit_event WHERE portal_id IS NOT NULL")

    assert [kind for kind, _ in await found(world)] == ["TRUNCATED"]


async def test_an_added_event_is_found_without_a_number_and_with_one(world: World, ask: Ask) -> None:
    log, *_ = await logged(world, ask)
    names = [name for name in appending.COLUMNS if name not in ("id", "sequence")]
    ids = [world.parts.runtime.new_id() for _ in range(3)]
    copied = "INSERT INTO audit_event (id, sequence, {0}) SELECT ?, {1}, {0} FROM audit_event e WHERE e.id = ?"

    await tamper(
        *(sql(copied.format(", ".join(names), n), id, log[2].id) for id, n in zip(ids, ("NULL", "3", "9"), strict=True))
    )

    kinds = await found(world)
    assert sorted(kind for kind, _ in kinds) == ["HEAD_CHANGED", "INSERTED", "OUTSIDE"]
    assert ("INSERTED", max(log[2].id, ids[1], key=str)) in kinds


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_chain SET sequence = 4", "HEAD_CHANGED"),
        ("UPDATE audit_chain SET sequence = 6", "TRUNCATED"),
        ("UPDATE audit_chain SET hash = 'ffff'", "HEAD_CHANGED"),
        ("UPDATE audit_chain SET earlier = 1", "OUTSIDE"),
        ("DELETE FROM audit_chain", "NO_CHAIN"),
    ],
)
async def test_a_changed_head_is_found(world: World, ask: Ask, statement: str, fault: str) -> None:
    await logged(world, ask)

    await tamper(statement)

    assert fault in [kind for kind, _ in await found(world)]


async def test_a_value_that_cannot_be_read_is_a_fault_and_hides_none(world: World, ask: Ask) -> None:
    log, *_ = await logged(world, ask)
    broken = "changes = '{}'" if is_postgres() else "changes = 'no JSON', at = 'yesterday'"

    await tamper(
        sql(f"UPDATE audit_event SET {broken} WHERE id = ?", log[1].id),
        sql("UPDATE audit_event SET actor_id = NULL WHERE id = ?", log[3].id),
    )

    assert await found(world) == [("UNREADABLE", None), ("CHANGED", log[3].id)]


async def test_at_most_twenty_faults_of_a_chain_are_listed(world: World, ask: Ask) -> None:
    nora, people = await world.mssp_admin(), await world.users(30, await world.portal())
    await ask.act("lockUsers", nora, *people)

    await tamper("UPDATE audit_event SET actor_id = NULL")

    lines = await told(world)
    assert (len(lines), lines[-1].rpartition(": ")[2]) == (21, "more faults, which are not listed")


async def test_chains_are_read_in_parts(world: World, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    log, *_ = await logged(world, ask)
    for size in range(1, 7):
        monkeypatch.setattr(verification, "BATCH", size)
        assert await told(world) == []

    await tamper(sql("UPDATE audit_event SET hash = 'ffff' WHERE id = ?", log[2].id))

    for size in range(1, 7):
        monkeypatch.setattr(verification, "BATCH", size)
        assert await found(world) == [("LINK_BROKEN", log[2].id)]


async def test_a_check_changes_nothing(world: World, ask: Ask) -> None:
    await logged(world, ask)
    before = await everything()

    await told(world)

    assert await everything() == before


async def test_sign_ins_of_staff_are_in_the_chain_of_their_mssp(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin(password=PASSWORD)

    for password in (PASSWORD, "wrong"):
        await sign_in(ask, nora.login, password)

    assert [event.sequence for event in await AuditEvent.all().order_by("sequence")] == [1, 2]
    assert await told(world) == []
