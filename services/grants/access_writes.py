"""Write changes of what users may reach, with the audit events. The number of SQL statements is constant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from models import audit
from models.audit import AuditRow
from models.auth import sessions
from models.grants import catalogue, of_users
from models.grants.of_users import SharedGrants
from models.operations import OperationRow
from models.users import changes as user_changes
from models.users.changes import AccessColumns
from models.users.table import UserRow
from rules.access import Actor, Role
from rules.audit_events import AuditEventType
from rules.grants.audited_access import audit_changes
from rules.grants.held_access import ChangedAccess, HeldAccess, Levels
from rules.grants.kinds import GrantableKind
from services.lifecycle.effects import PlannedChange
from services.runtime import Runtime

Changes = Sequence[tuple[UserRow, ChangedAccess]]


async def write(
    runtime: Runtime, actor: Actor, decided: Iterable[PlannedChange], at: datetime, operation: OperationRow
) -> None:
    """Write the decided changes of access, and one audit event per changed user.

    The sessions of users who lose access to the portal end (E19). This function does not change the portals' counters;
    `effects.write_changes` does. Requires the portals and users to be locked, and new users to be stored.
    """
    changes = [(d.user, d.decision.access) for d in decided if d.decision.access and not d.decision.access.is_none]
    if not changes:
        return
    groups: dict[int, tuple[ChangedAccess, list[UUID]]] = {}
    for user, changed in changes:
        groups.setdefault(id(changed), (changed, []))[1].append(user.id)

    await of_users.take([SharedGrants(user_ids, _all(changed.taken)) for changed, user_ids in groups.values()])
    await of_users.give([SharedGrants(user_ids, _all(changed.given)) for changed, user_ids in groups.values()])
    await user_changes.update_access(
        [
            AccessColumns(user.id, changed.after.portal_access, changed.after.all_sub_accounts, at, user.version + 1)
            for user, changed in changes
        ]
    )
    if closed := [user.key for user, changed in changes if changed.closes_portal]:
        await sessions.end(closed, at)
    await _record(runtime, actor, changes, at, operation)


async def take_admin_only(
    runtime: Runtime,
    actor: Actor,
    decided: Iterable[PlannedChange],
    at: datetime,
    operation: OperationRow | None = None,
) -> None:
    """Take the admin-only modules from users who lose the role of an admin (W6). Write one audit event per user.

    Requires the portals and users to be locked.
    """
    losing = {
        d.user.id: d.user for d in decided if d.user.role is Role.PORTAL_ADMIN and d.decision.role is Role.PORTAL_USER
    }
    taken = await of_users.take_admin_only(losing) if losing else {}
    changes = [
        (losing[user_id], ChangedAccess(HeldAccess(grants={GrantableKind.MODULE: levels}), HeldAccess()))
        for user_id, levels in taken.items()
    ]
    if changes:
        await _record(runtime, actor, changes, at, operation)


def _all(by_kind: Mapping[GrantableKind, Levels]) -> Levels:
    return {id: level for levels in by_kind.values() for id, level in levels.items()}


async def _record(
    runtime: Runtime, actor: Actor, changes: Changes, at: datetime, operation: OperationRow | None
) -> None:
    """Write one audit event per user, with the names of the lost and the new entries."""
    different = {id(changed): changed for _, changed in changes}
    ids = {entry for each in different.values() for entry in (*_all(each.taken), *_all(each.given))}
    named = await catalogue.by_id(actor, ids) if ids else {}
    fields = {key: audit_changes(changed, named) for key, changed in different.items()}
    await audit.record(
        [
            AuditRow(
                id=runtime.new_id(),
                at=at,
                event=AuditEventType.ACCESS_CHANGED,
                actor_id=actor.id,
                mssp_id=user.mssp_id,
                portal_id=user.portal_id,
                user_id=user.id,
                changes=fields[id(changed)],
                reason=operation.reason if operation else None,
                ticket=operation.ticket if operation else None,
                operation_id=operation.id if operation else None,
            )
            for user, changed in changes
        ]
    )
