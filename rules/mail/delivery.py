"""The state of a mail with a link, as admins see it."""

from __future__ import annotations

from enum import StrEnum


class LinkMailState(StrEnum):
    """The state of the newest mail with a link."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    FAILED = "FAILED"


class MailProblem(StrEnum):
    """Why a mail was given up. Each value has a remedy of its own."""

    ADDRESS_REFUSED = "ADDRESS_REFUSED"
    SERVER_UNAVAILABLE = "SERVER_UNAVAILABLE"
    NO_LONGER_VALID = "NO_LONGER_VALID"
    INTERNAL_ERROR = "INTERNAL_ERROR"
