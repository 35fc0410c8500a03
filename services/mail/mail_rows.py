"""The row of a mail in the outbox, and the account that the mail is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.mail.table import MailRow, MailState
from models.staff import StaffRow
from models.users.table import UserRow
from rules.accounts import AccountKey, AccountKind
from rules.mail.kinds import MailKind
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Addressee:
    """The account that a mail is for: a portal user, or a member of staff, who has no portal."""

    id: UUID
    portal_id: UUID | None

    @property
    def key(self) -> AccountKey:
        return AccountKey(AccountKind.PORTAL_USER if self.portal_id else AccountKind.STAFF_MEMBER, self.id)

    @classmethod
    def of(cls, user: UserRow) -> Addressee:
        return cls(user.id, user.portal_id)

    @classmethod
    def of_staff(cls, member: StaffRow) -> Addressee:
        return cls(member.id, None)


def mail_row(
    runtime: Runtime,
    to: Addressee,
    kind: MailKind,
    recipient: str,
    occasion: str | UUID,
    at: datetime,
    *,
    link_id: UUID | None = None,
    deadline: datetime | None = None,
    actor_id: UUID | None = None,
) -> MailRow:
    """Return a mail to enqueue. There is one mail of a kind for an `occasion`; a second one is not enqueued."""
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
