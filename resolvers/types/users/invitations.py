"""The newest invitation of a user."""

from __future__ import annotations

from datetime import datetime

import strawberry

from models.links.table import Delivery
from models.users.invitations import InvitationRow
from resolvers.core.row_fields import BESIDE_ROW, from_columns, shown, shows
from resolvers.shared_descriptions import EXPIRES_AT
from rules.lifecycle.invitations import InvitationState, Step, state, step
from rules.mail.mail_states import LinkMailState, MailProblem


def _delivery(stored: Delivery | None) -> Delivery:
    return stored or Delivery.EMAIL


@shows(InvitationRow, state=BESIDE_ROW, next_step=BESIDE_ROW, delivery=from_columns(_delivery, "delivery"))
@strawberry.type(description="A user's invitation.")
class Invitation:
    state: InvitationState = strawberry.field(description="The state. Never SUPERSEDED.")
    delivery: Delivery = strawberry.field(description="The last delivery of the link: EMAIL or LINK.")
    created_at: datetime = strawberry.field(
        description="Time at which the link was created. If a valid link is mailed or returned again, it does not change."
    )
    sent_at: datetime | None = strawberry.field(
        description="Time at which the mail server accepted the last mail with the link. Null if no mail has been"
        " accepted, or the link was only passed on."
    )
    mail_state: LinkMailState | None = strawberry.field(
        description="The state of the newest mail with the link. Null if the link was only passed on."
    )
    mail_problem: MailProblem | None = strawberry.field(
        description="Why the newest mail failed. Null unless `mailState` is FAILED."
    )
    mail_failed_at: datetime | None = strawberry.field(
        description="Time at which a mail with the link last failed. Null: never."
    )
    expires_at: datetime = strawberry.field(description=EXPIRES_AT)
    next_step: Step | None = strawberry.field(
        description="What the page behind the link asks the invitee for: REGISTER or SET_PASSWORD. Null if the invitation"
        " was accepted. If the link is no longer valid, what it asked for."
    )

    @classmethod
    def of(cls, row: InvitationRow, now: datetime) -> Invitation:
        next_step = None if row.used_at is not None else step(row)
        return shown(cls, row, state=state(row, now, is_newest=True), next_step=next_step)
