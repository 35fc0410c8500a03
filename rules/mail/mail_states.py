"""The states of mails with links, and the reasons for failure, as the schema shows them to admins."""

from __future__ import annotations

from enum import StrEnum


class LinkMailState(StrEnum):
    """The state of the newest mail that contains a link. GraphQL: InvitationMailState."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    FAILED = "FAILED"


class MailProblem(StrEnum):
    """Why the server gave up a mail. GraphQL: InvitationMailProblem."""

    ADDRESS_REFUSED = "ADDRESS_REFUSED"
    SERVER_UNAVAILABLE = "SERVER_UNAVAILABLE"
    NO_LONGER_VALID = "NO_LONGER_VALID"
    INTERNAL_ERROR = "INTERNAL_ERROR"
