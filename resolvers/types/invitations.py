"""Invitations, as a user shows his newest one and as the page behind a link sees its own."""

from __future__ import annotations

from datetime import datetime

import strawberry

from models import links
from models.auth import unscoped
from models.links import Delivery, Purpose
from models.users.invitations import InvitationRow
from resolvers.core.context import Info
from resolvers.core.enums import UserField, described
from rules.lifecycle.edits import lacking
from rules.lifecycle.invitations import InvitationState, Step, state, step
from rules.mail.delivery import LinkMailState, MailProblem
from services.links import token_hash
from services.passwords.new_password import chooser

described(
    InvitationState,
    "InvitationState",
    "What has become of an invitation. Closed. A user shows the newest, which is never SUPERSEDED.",
    {
        "PENDING": "Its link is good.",
        "ACCEPTED": "It was accepted; the link is used up.",
        "EXPIRED": "Nobody accepted before it ran out: inviteUsers or resendVerifications; the invitee himself,"
        " requestNewInvitation.",
        "REVOKED": "Dead without a successor, for instance because the e-mail address was changed: inviteUsers.",
        "SUPERSEDED": "A newer link took its place; seen only by whoever opens the old one.",
    },
)
described(
    Delivery,
    "InvitationDelivery",
    "How an invitation reaches the invitee. Closed.",
    {
        "EMAIL": "Mailed by the system.",
        "LINK": "Returned once to the inviter as `UserOutcome.inviteLink`, who passes it on.",
        "NONE": "Not at all: users are added only and stay STAGED until they are invited.",
    },
)
described(
    Step,
    "InvitationStep",
    "What the page behind an invitation's link asks for. Closed.",
    {
        "REGISTER": "An e-mail address, a code mailed to it, name and password: startRegistration, confirmRegistration,"
        " completeRegistration.",
        "SET_PASSWORD": "A password, and what the portal requires and nobody gave: acceptInvitation.",
        "SIGN_IN": "Nothing: it was accepted. Show the sign-in page.",
    },
)


described(
    LinkMailState,
    "InvitationMailState",
    "What became of the newest mail with an invitation's link. Closed.",
    {
        "QUEUED": "It is to be sent, or is tried again.",
        "SENT": "The mail server accepted it. That it was read, or not filtered on its way, is not known.",
        "FAILED": "It was given up; see `mailProblem`. Mend the cause, then resendVerifications.",
    },
)
described(
    MailProblem,
    "InvitationMailProblem",
    "Why a mail was given up, by what can be done about it. Open: further values may come.",
    {
        "ADDRESS_REFUSED": "The mail server refused the mail for good, most often its address: correct the address.",
        "SERVER_UNAVAILABLE": "The mail server could not be reached, or put the mail off, until it was given up.",
        "NO_LONGER_VALID": "When it was to be sent, its link was dead, the portal inactive or the address another one.",
        "INTERNAL_ERROR": "The mail could not be written. The operator's log has more.",
    },
)


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


@strawberry.type(description="What the page that an invitation's link opens has to know; nothing about the person.")
class InvitationPreview:
    portal_name: str = strawberry.field(description="The portal's name for people.")
    portal_slug: str = strawberry.field(description="The portal's short name, for signing in.")
    start_page_url: str | None = strawberry.field(description="Where to go after signing in. Null: not set.")
    state: InvitationState = strawberry.field(description="Whether the link is good: only when PENDING.")
    next_step: Step = strawberry.field(
        description="What to ask for while `state` is PENDING; SIGN_IN once it is ACCEPTED; else of no use."
    )
    expires_at: datetime = strawberry.field(description="The link is refused from this moment on.")
    password_min_length: int = strawberry.field(description="The least number of characters of the password to choose.")
    missing_fields: list[UserField] = strawberry.field(
        description="What the portal requires of a user and nobody has given yet: ask for it, too. Empty: nothing."
    )


async def preview(info: Info, token: str) -> InvitationPreview | None:
    """For whoever holds the link; None for a token that never was, or whose user is gone."""
    link = await links.by_hash(token_hash(token))
    if link is None or link.purpose is not Purpose.INVITATION or link.user_id is None:
        return None
    holder = await unscoped.link_owner(link.user_id)
    newest = (await links.newest(Purpose.INVITATION, [link.user_id])).get(link.user_id)
    if holder is None or newest is None:
        return None
    return InvitationPreview(
        portal_name=holder.portal.name,
        portal_slug=holder.portal.slug,
        start_page_url=holder.portal.start_page_url,
        state=state(link, info.context.now(), is_newest=newest.id == link.id),
        next_step=step(link),
        expires_at=link.expires_at,
        password_min_length=chooser(holder.user, holder.portal).shortest,
        missing_fields=[UserField(name) for name in lacking(holder.user, holder.portal.required_user_fields)],
    )
