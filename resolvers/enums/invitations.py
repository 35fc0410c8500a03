"""The enums of invitations: their delivery, their state, their mails, and the next step of the invitee."""

from __future__ import annotations

from datetime import timedelta

from models.links.table import Delivery
from resolvers.enums.declare import declare
from rules.lifecycle.invitations import InvitationState, Step
from rules.mail.mail_states import LinkMailState, MailProblem
from services.mail.outbox import LAST_ATTEMPT_AFTER, MOST_ATTEMPTS

declare(
    InvitationState,
    "InvitationState",
    "The state of an invitation. `PortalUser.invitation` is the newest one and never SUPERSEDED.",
    {
        "PENDING": "The link is valid.",
        "ACCEPTED": "The invitation was accepted. The link cannot be used again.",
        "EXPIRED": "The link expired before it was used. Admins send a new one by inviteUsers or resendVerifications, and"
        " to staff by resendStaffInvitation; the invitee requests one by requestNewInvitation.",
        "REVOKED": "The link is no longer valid and has no successor, for instance because the e-mail address was"
        " changed. Send a new one by inviteUsers.",
        "SUPERSEDED": "A newer link has replaced it. Returned only by `invitationPreview`, for the earlier link.",
    },
)

declare(
    Delivery,
    "InvitationDelivery",
    "How an invitation is delivered.",
    {
        "EMAIL": "The server mails the link to the invitee.",
        "LINK": "The mutation returns the link once, as `UserOutcome.inviteLink`, for the inviter to pass on.",
        "NONE": "No link is created. The users are only added, and stay STAGED until they are invited.",
    },
)

declare(
    Step,
    "InvitationStep",
    "What the page behind an invitation's link asks for.",
    {
        "REGISTER": "An e-mail address, the code mailed to it, name and password: startRegistration,"
        " confirmRegistration, completeRegistration.",
        "SET_PASSWORD": "A password, and the `missingFields`: acceptInvitation.",
        "SIGN_IN": "Nothing: the invitation was accepted. Show the sign-in page.",
    },
)

declare(
    LinkMailState,
    "InvitationMailState",
    "The state of the newest mail with an invitation's link.",
    {
        "QUEUED": "The mail waits to be sent. If the mail server does not accept it, the server tries up to"
        f" {MOST_ATTEMPTS} times within about {LAST_ATTEMPT_AFTER // timedelta(hours=1)} hours.",
        "SENT": "The mail server has accepted the mail. Whether it was delivered or read is not known.",
        "FAILED": "The server has stopped trying to send the mail; see `mailProblem`. Fix the cause, then call"
        " resendVerifications.",
    },
)

declare(
    MailProblem,
    "InvitationMailProblem",
    "Why the server stopped trying to send a mail.",
    {
        "ADDRESS_REFUSED": "The mail server permanently refused the mail, in most cases its address. Correct the"
        " address.",
        "SERVER_UNAVAILABLE": "The mail server could not be reached, or deferred the mail, until the last attempt.",
        "NO_LONGER_VALID": "When the mail was due, its link was no longer valid, the portal was inactive, or the user"
        " had another address.",
        "INTERNAL_ERROR": "The server could not create the mail. The operator's log has details.",
    },
    is_open=True,
)
