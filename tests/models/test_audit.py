"""The audit log in the database: SQL can only add rows, and erase the personal data of a deleted user (K32)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from tortoise.exceptions import BaseORMException

from models import audit
from models.audit import AuditRow
from models.audit_chain import appending
from models.db.sql import fetch, is_postgres, sql, write
from models.tables import AuditEvent, Mssp, Portal
from rules.audit_events import AuditEventType
from tests.support.databases import on_postgres
from tests.support.world import World

CHANGES = [{"field": "firstName", "before": "Ann", "after": "Anna"}]


async def recorded(world: World, portal: Portal | None = None, mssp: Mssp | None = None) -> AuditRow:
    """Record an event of `portal`, or of the provider `mssp` if `portal` is None. Return the event's row.

    Without `mssp`, the provider is `World.home()`. Every other column of the row has a value.
    """
    new_id = world.parts.runtime.new_id
    row = AuditRow(
        id=new_id(),
        at=world.clock.now(),
        event=AuditEventType.USER_UPDATED,
        actor_id=new_id(),
        mssp_id=portal.mssp_id if portal else (mssp or await world.home()).id,
        portal_id=portal.id if portal else None,
        user_id=new_id(),
        reason="by phone",
        ticket="INC-42",
        changes=CHANGES,
        operation_id=new_id(),
    )
    await world.parts.runtime.transactions.run(lambda: audit.record([row]))
    return row


async def stored() -> list[Any]:
    return [dict(row) for row in await fetch(sql("SELECT * FROM audit_event e ORDER BY e.id"))]


def stored_id(row_id: UUID | None) -> str | UUID | None:
    """Return the id as a statement returns it: SQLite stores ids as text."""
    return row_id if is_postgres() or row_id is None else str(row_id)


@pytest.mark.parametrize("column", appending.COLUMNS)
async def test_an_update_of_any_column_of_the_audit_log_is_refused(world: World, column: str) -> None:
    await recorded(world, await world.portal())
    other = await recorded(world, await world.portal(mssp=await world.mssp()))
    before = await stored()
    others: dict[str, Any] = {
        **other._asdict(),
        "changes": '[{"field": "status"}]',
        "reason": "another",
        "ticket": "INC-43",
        "at": world.clock.now().replace(year=2020),
        "event": "user.locked",
        "id": world.parts.runtime.new_id(),
        "sequence": 7,
        **dict.fromkeys(("hash", "digest", "salt"), "0" * 64),
    }

    with pytest.raises(
        BaseORMException, match="audit_event is only added to: an UPDATE may empty changes, reason or ticket"
    ):
        await write(sql(f"UPDATE audit_event SET {column} = ?", others[column]))

    assert await stored() == before


@pytest.mark.parametrize(
    "emptied", ["reason = NULL", "ticket = NULL", "changes = '[]'", "salt = NULL", "reason = NULL, ticket = NULL"]
)
async def test_what_is_erased_is_emptied_all_together(world: World, emptied: str) -> None:
    await recorded(world)
    before = await stored()

    with pytest.raises(BaseORMException, match="all together and with the salt"):
        await write(sql(f"UPDATE audit_event SET {emptied}"))

    assert await stored() == before


async def test_an_event_is_not_recorded_outside_a_transaction(world: World) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        await audit.record([])

    assert await stored() == []


async def test_a_delete_from_the_audit_log_is_refused(world: World) -> None:
    await recorded(world, await world.portal())
    await recorded(world)
    before = await stored()

    for where in ("portal_id IS NULL", "portal_id IS NOT NULL"):
        with pytest.raises(BaseORMException, match="deleted with their provider, and not otherwise"):
            await write(sql(f"DELETE FROM audit_event WHERE {where}"))

    assert await stored() == before


@on_postgres
async def test_the_audit_log_cannot_be_truncated(world: World) -> None:
    await recorded(world)

    with pytest.raises(BaseORMException, match="deleted with their provider, and not otherwise"):
        await write(sql("TRUNCATE audit_event"))

    assert len(await stored()) == 1


async def test_what_an_erased_user_left_in_the_audit_log_can_be_emptied(world: World) -> None:  # K32
    erased, kept = [await recorded(world, await world.portal()) for _ in range(2)]
    assert erased.user_id

    await audit.forget([erased.user_id])
    await audit.forget([erased.user_id])

    events = await AuditEvent.all()
    rows = {event.id: (event.changes, event.reason, event.ticket) for event in events}
    assert rows == {erased.id: ([], None, None), kept.id: (CHANGES, "by phone", "INC-42")}
    assert {event.id: event.salt is None for event in events} == {erased.id: True, kept.id: False}


async def test_the_audit_log_of_a_deleted_portal_stays_with_its_provider(world: World) -> None:
    gone, stays = await world.portal(), await world.portal()
    written = [await recorded(world, portal) for portal in (gone, stays, None)]

    await gone.delete()

    assert {(event["id"], event["portal_id"]) for event in await stored()} == {
        tuple(map(stored_id, (row.id, row.portal_id))) for row in written
    }


async def test_the_audit_log_of_a_deleted_provider_goes_with_it(world: World) -> None:
    gone = await world.mssp()
    await recorded(world, await world.portal(mssp=gone))
    await recorded(world, mssp=gone)
    left = await recorded(world, await world.portal())

    await gone.delete()

    assert [event.id for event in await AuditEvent.all()] == [left.id]
