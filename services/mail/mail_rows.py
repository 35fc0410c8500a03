"""The row of a mail in the outbox, and the account that owns the mail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from models.mail.table import MailRow, MailState
from models.staff import StaffRow
from models.users.table import UserRow
from rules.mail.kinds import MailKind
from services.runtime import Runtime

Owner = UserRow | StaffRow
"""The account that owns a mail and its link: a portal user or a member of staff."""


def mail_row(
    runtime: Runtime,
    to: Owner,
    kind: MailKind,
    recipient: str,
    occasion: str | UUID,
    at: datetime,
    *,
    link_id: UUID | None = None,
    deadline: datetime | None = None,
    actor_id: UUID | None = None,
) -> MailRow:
    """Return the outbox row of a mail. The row is not stored.

    `occasion` is the cause of the mail, such as the id of its link. A second mail of the same kind and occasion is not
    enqueued.
    """
    return MailRow(
        id=runtime.new_id(),
        portal_id=to.portal_id,
        user_id=to.key.user_id,
        staff_id=to.key.staff_id,
        link_id=link_id,
        kind=kind,
        recipient=recipient,
        dedupe_key=f"{kind}:{occasion}",
        state=MailState.QUEUED,
        created_at=at,
        due_at=at,
        attempts=0,
        lease=None,
        finished_at=None,
        problem=None,
        deadline=deadline,
        actor_id=actor_id,
    )
