"""Cancel pending changes of e-mail that users began themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models import audit
from models.audit import AuditRow
from models.links import changes as link_changes
from models.users import changes as user_changes
from models.users.table import UserRow
from rules.audit_events import AuditEventType
from rules.auth.link_purposes import Purpose
from services.runtime import Runtime

OF_A_CHANGE = (Purpose.VERIFY_EMAIL, Purpose.CANCEL_EMAIL_CHANGE)
"""The purposes of the links that are mailed for a change of e-mail: to confirm the change, and to cancel it."""


async def end_own_changes(
    runtime: Runtime, affected: Sequence[UserRow], at: datetime, *, actor_id: UUID | None
) -> None:
    """Cancel the changes of e-mail that the users in `affected` began themselves, and supersede their links.

    Call this function if a user cancels the change or a password is replaced. `actor_id` is the actor of the audit
    events. Requires the users to be locked.
    """
    own = [user for user in affected if user.pending_email is not None and user.pending_email_is_own]
    if not own:
        return

    await user_changes.clear_pending_email(own, at)
    await link_changes.supersede_every(OF_A_CHANGE, [user.key for user in own], at)
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
                changes=[{"field": "pendingEmail", "before": user.pending_email, "after": None}],
            )
            for user in own
        ]
    )
