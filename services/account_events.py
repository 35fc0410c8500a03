"""Audit events of accounts.

The event of a portal user belongs to the portal. The event of a member of staff belongs to the MSSP.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from models.audit import AuditRow
from models.users.table import UserRow
from rules.accounts import AccountKey, AccountKind
from rules.audit_events import OF_STAFF, AuditEventType
from rules.global_ids import text_of
from rules.instants import rfc_3339
from services import provider_events
from services.runtime import Runtime


class HasAccount(Protocol):
    """The account that an audit event is about.

    An `Actor`, the row of a user and the row of a member of staff fit this protocol. `portal_id` is None for staff.
    """

    @property
    def key(self) -> AccountKey: ...
    @property
    def mssp_id(self) -> UUID: ...
    @property
    def portal_id(self) -> UUID | None: ...


def event_row(
    runtime: Runtime,
    event: AuditEventType,
    account: HasAccount,
    at: datetime,
    *,
    by_owner: bool,
    changes: Sequence[dict[str, Any]] = (),
) -> AuditRow:
    """Build the row of an audit event about an account. The row is not stored.

    `by_owner` states whether the account's owner caused the event. If not, the event has no actor. For a member of
    staff, `event` is replaced by the matching type for staff (OF_STAFF).
    """
    key = account.key
    actor_id = key.id if by_owner else None
    if key.kind is AccountKind.STAFF_MEMBER:
        return provider_events.event_row(
            runtime, OF_STAFF[event], account.mssp_id, at, actor_id=actor_id, staff_id=key.id, changes=changes
        )
    return AuditRow(
        id=runtime.new_id(),
        at=at,
        event=event,
        actor_id=actor_id,
        mssp_id=account.mssp_id,
        portal_id=account.portal_id,
        user_id=key.id,
        changes=list(changes),
    )


def email_verified_row(runtime: Runtime, user: UserRow, at: datetime) -> AuditRow:
    """Return the audit event for the verification of a user's e-mail address at `at`.

    `user` is the user's row before the verification.
    """
    before = rfc_3339(user.email_verified_at) if user.email_verified_at else None
    change = {"field": "emailVerifiedAt", "before": before, "after": rfc_3339(at)}
    return event_row(runtime, AuditEventType.EMAIL_VERIFIED, user, at, by_owner=True, changes=[change])


def session_change(session_id: UUID, *, begins: bool) -> dict[str, Any]:
    """Describe in an audit event's `changes` that a session begins or ends.

    A begin is `{"field": "session", "before": None, "after": id}`. An end has the id in `before`.
    """
    shown = text_of("AccountSession", session_id)
    return {"field": "session", "before": None if begins else shown, "after": shown if begins else None}
