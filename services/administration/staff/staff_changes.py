"""Changes of a member of staff: the name, the role, activation and deactivation, and the deletion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models import staff
from models.auth import attempts, failed_sign_ins, sessions
from models.links import changes as link_changes
from models.portals import assignments
from models.staff import StaffRow
from rules import user_fields
from rules.access import Actor, Role
from rules.audit_events import ProviderEvent
from rules.auth.link_purposes import Purpose
from rules.messages.administration import StaffMessage
from rules.refusals import Refusal
from rules.text.folding import sort_key
from services import provider_events
from services.administration.staff import staff_locks
from services.administration.staff.staff_locks import StaffLock
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class StaffEdit:
    """The new values of a member of staff. A value of None does not change."""

    name: str | None = None
    role: Role | None = None
    is_active: bool | None = None


async def update(runtime: Runtime, actor: Actor, staff_id: UUID | None, edit: StaffEdit) -> StaffRow:
    """Change the name, the role or the activity of a member of staff. Return the member.

    A new role and a deactivation end the member's sessions. A deactivation also makes the member's links invalid. A
    technician who becomes an MSSP admin loses the assignment. Raise the refusals of `staff_locks.lock`, or Refusal with
    one of these codes:

    - INVALID_INPUT if the name cannot be stored.
    - LAST_ADMIN if no active MSSP admin with a password would be left.
    """
    name = user_fields.validate_name(edit.name, "name") if edit.name is not None else None

    async def write() -> StaffRow:
        locked = await staff_locks.lock(runtime, actor, staff_id)
        member = locked.member
        wanted = {"name": name, "role": edit.role, "is_active": edit.is_active}
        changed = {
            column: value for column, value in wanted.items() if value is not None and value != getattr(member, column)
        }
        if not changed:
            return member
        if changed.get("role") is Role.MSSP_TECHNICIAN or changed.get("is_active") is False:
            _check_keeps_an_admin(locked)

        await staff.change(
            member.id, {**changed, **({"name_key": sort_key(name)} if name and "name" in changed else {})}
        )
        if "role" in changed or changed.get("is_active") is False:
            await sessions.end([member.key], locked.at)
        if changed.get("is_active") is False:
            await link_changes.supersede_every(Purpose, [member.key], locked.at)
        if changed.get("role") is Role.MSSP_ADMIN:
            await assignments.replace(member.id, {}, {}, all_except=False, until=None)
        await _record(runtime, locked, ProviderEvent.STAFF_UPDATED, _changes(member, changed))
        return await staff_locks.read_again(locked)

    return await runtime.transactions.run(write)


async def delete(runtime: Runtime, actor: Actor, staff_id: UUID | None) -> UUID:
    """Delete a member of staff with sessions, links, second factor and assignment. Return the member's id.

    Audit events and operations keep the id. Raise Refusal(LAST_ADMIN) if no active MSSP admin with a password would be
    left. Raise the refusals of `staff_locks.lock`.
    """

    async def write() -> UUID:
        locked = await staff_locks.lock(runtime, actor, staff_id)
        _check_keeps_an_admin(locked)

        await attempts.delete_all_counters([locked.member.id])
        await failed_sign_ins.forget([locked.member.id])
        await staff.delete(locked.member.id)
        await _record(runtime, locked, ProviderEvent.STAFF_DELETED, [])
        return locked.member.id

    return await runtime.transactions.run(write)


def _check_keeps_an_admin(locked: StaffLock) -> None:
    """Raise Refusal(LAST_ADMIN) if the member is the only active MSSP admin with a password."""
    if [row.id for row in locked.admins if row.is_active and row.has_password] == [locked.member.id]:
        raise Refusal(StaffMessage.LAST_MSSP_ADMIN, path=("id",))


def _changes(member: StaffRow, changed: dict[str, Any]) -> list[dict[str, Any]]:
    # The values of a name are left out, because names are personal data.
    names = [{"field": "name", "before": None, "after": None}] if "name" in changed else []
    shown = {"role": "staffRole", "is_active": "isActive"}
    after = {field: changed[column] for column, field in shown.items() if column in changed}
    before = {field: getattr(member, column) for column, field in shown.items()}
    return names + provider_events.field_changes(before, after)


async def _record(runtime: Runtime, locked: StaffLock, event: ProviderEvent, changes: list[dict[str, Any]]) -> None:
    member = locked.member
    await provider_events.record(
        runtime, event, member.mssp_id, locked.at, actor_id=locked.actor.id, staff_id=member.id, changes=changes
    )
