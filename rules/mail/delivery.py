"""What became of the mail with a link, as an admin is told."""

from __future__ import annotations

from enum import StrEnum


class LinkMailState(StrEnum):
    """What became of the newest mail with a link."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    FAILED = "FAILED"


class MailProblem(StrEnum):
    """Why a mail was given up, by what can be done about it."""

    ADDRESS_REFUSED = "ADDRESS_REFUSED"
    SERVER_UNAVAILABLE = "SERVER_UNAVAILABLE"
    NO_LONGER_VALID = "NO_LONGER_VALID"
    INTERNAL_ERROR = "INTERNAL_ERROR"
