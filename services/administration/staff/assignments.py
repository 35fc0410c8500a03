"""The assignment of portals to a technician."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.portals import assignments, lookup
from models.staff import StaffRow
from rules.access import Actor, Role
from rules.administration.tags import Tag
from rules.audit_events import ProviderEvent
from rules.global_ids import text_of
from rules.messages.administration import StaffMessage
from rules.messages.bulk import BulkMessage
from rules.refusals import Faults, Refusal
from services import provider_events
from services.administration.staff import staff_locks
from services.runtime import Runtime

MOST_PORTALS = 1_000
"""The maximum number of portals that an assignment lists."""


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """A requested assignment of portals, by ids and tags. An id is None if the sent id is not the id of a portal."""

    portal_ids: tuple[UUID | None, ...]
    tags: tuple[Tag, ...]
    all_except: bool
    until: datetime | None


async def assign(runtime: Runtime, actor: Actor, staff_id: UUID | None, new: NewAssignment) -> StaffRow:
    """Replace the assignment of portals to a technician. Return the technician.

    Raise Refusal(NOT_FOUND) with a fault for each unknown id. Raise Refusal(INVALID_INPUT) if there are too many
    portals or the member is no technician. Raise the refusals of `staff_locks.lock`.
    """
    if len(new.portal_ids) > MOST_PORTALS:
        raise Refusal(StaffMessage.TOO_MANY_ASSIGNED, path=("portalIds",), maximum=MOST_PORTALS)

    async def write() -> StaffRow:
        wanted = sorted({portal_id for portal_id in new.portal_ids if portal_id})
        portals = await lookup.lock_visible(actor, wanted)
        locked = await staff_locks.lock(runtime, actor, staff_id, "staffId")
        if locked.member.role is not Role.MSSP_TECHNICIAN:
            raise Refusal(StaffMessage.NOT_A_TECHNICIAN, path=("staffId",))
        _check_found(new.portal_ids, portals)

        technician = locked.member.id
        changes = await _changes(locked.actor, locked.member, new, wanted)
        if changes:
            await assignments.replace(
                technician,
                {runtime.new_id(): portal_id for portal_id in wanted},
                {runtime.new_id(): tag for tag in new.tags},
                all_except=new.all_except,
                until=new.until,
            )
            await provider_events.record(
                runtime,
                ProviderEvent.STAFF_ASSIGNED,
                locked.member.mssp_id,
                locked.at,
                actor_id=actor.id,
                staff_id=technician,
                changes=changes,
            )
        return await staff_locks.read_again(locked)

    return await runtime.transactions.run(write)


def _check_found(asked: Sequence[UUID | None], found: set[UUID]) -> None:
    with Faults() as faults:
        for place, portal_id in enumerate(asked):
            with faults.collect():
                if portal_id not in found:
                    raise Refusal(BulkMessage.NO_SUCH_PORTAL, path=("portalIds", str(place)))


async def _changes(
    actor: Actor, member: StaffRow, new: NewAssignment, portal_ids: Sequence[UUID]
) -> list[dict[str, Any]]:
    portals_before = await assignments.portals(actor, member.id)
    tags_before = (await assignments.tags(actor, [member.id])).get(member.id, [])
    before = {
        "allExcept": member.assigned_all_except,
        "portals": _ids(portals_before),
        "tags": ", ".join(tags_before) or None,
        "endsAt": member.assigned_until,
    }
    after = {
        "allExcept": new.all_except,
        "portals": _ids(portal_ids),
        "tags": ", ".join(tag.text for tag in new.tags) or None,
        "endsAt": new.until,
    }
    return provider_events.field_changes(before, after)


def _ids(portal_ids: Sequence[UUID]) -> str | None:
    return ", ".join(text_of("Portal", portal_id) for portal_id in portal_ids) or None
