"""The cancellation of pending changes of e-mail when the user's password is replaced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models import audit
from models.audit import AuditRow
from models.links import changes as link_changes
from models.links import lookup as link_lookup
from models.users import changes as user_changes
from models.users.table import UserRow
from rules.audit_events import AuditEventType
from rules.auth.link_purposes import Purpose
from services.runtime import Runtime


async def end_own_changes(
    runtime: Runtime, affected: Sequence[UserRow], at: datetime, *, actor_id: UUID | None
) -> None:
    """Cancel the pending changes of e-mail that the given users began themselves, and supersede their links.

    Call this function when a password is replaced, because a thief who knew the old password may have begun the change.
    A change that an admin began stays, because the admin may have begun it after the user's mailbox was stolen.
    `actor_id` is the actor of the audit events. Requires the users to be locked.
    """
    waiting = [user for user in affected if user.pending_email is not None]
    if not waiting:
        return
    newest = await link_lookup.newest(Purpose.VERIFY_EMAIL, [user.id for user in waiting])
    own = [user for user in waiting if user.id in newest and newest[user.id].actor_id == user.id]
    if not own:
        return

    await user_changes.clear_pending_email(own, at)
    await link_changes.supersede(Purpose.VERIFY_EMAIL, [user.key for user in own], at)
    await audit.record(
        [
            AuditRow(
                id=runtime.new_id(),
                at=at,
                event=AuditEventType.USER_UPDATED,
                actor_id=actor_id,
                mssp_id=user.mssp_id,
                portal_id=user.portal_id,
                user_id=user.id,
                reason=None,
                changes=[{"field": "pendingEmail", "before": user.pending_email, "after": None}],
                operation_id=None,
            )
            for user in own
        ]
    )
