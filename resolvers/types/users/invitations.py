"""The newest invitation of a user."""

from __future__ import annotations

from datetime import datetime

import strawberry

from models.links import Delivery
from models.users.invitations import InvitationRow
from rules.lifecycle.invitations import InvitationState, state
from rules.mail.delivery import LinkMailState, MailProblem


@strawberry.type(description="The invitation of a user.")
class Invitation:
    state: InvitationState = strawberry.field(description="What has become of it; never SUPERSEDED.")
    delivery: Delivery = strawberry.field(description="How its link was delivered last: EMAIL or LINK.")
    sent_at: datetime | None = strawberry.field(
        description="When the mail server accepted the mail with the link, the last one if there were several. Null"
        " while the first is queued, and for a link that was only passed on."
    )
    mail_state: LinkMailState | None = strawberry.field(
        description="What became of the newest mail with the link. Null for a link that was only passed on."
    )
    mail_problem: MailProblem | None = strawberry.field(
        description="Why the newest mail failed. Null unless `mailState` is FAILED."
    )
    mail_failed_at: datetime | None = strawberry.field(
        description="When a mail with the link failed last. Null: none did."
    )
    expires_at: datetime = strawberry.field(description="The link is refused from this moment on.")

    @classmethod
    def of(cls, row: InvitationRow, now: datetime) -> Invitation:
        return cls(
            state=state(row, now, is_newest=True),
            delivery=row.delivery or Delivery.EMAIL,
            sent_at=row.sent_at,
            mail_state=row.mail_state,
            mail_problem=row.mail_problem,
            mail_failed_at=row.mail_failed_at,
            expires_at=row.expires_at,
        )
