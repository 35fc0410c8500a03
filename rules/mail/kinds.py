"""The kinds of mail, and how urgent each is."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class MailKind(StrEnum):
    """The kind of a mail, which is also its template. Kinds without a link or code are notifications."""

    INVITATION = "INVITATION"
    VERIFY_EMAIL = "VERIFY_EMAIL"
    PASSWORD_RESET = "PASSWORD_RESET"  # a kind of mail
    REGISTRATION_CODE = "REGISTRATION_CODE"
    EMAIL_CHANGE_STARTED = "EMAIL_CHANGE_STARTED"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # a kind of mail
    SECOND_FACTOR_CHANGED = "SECOND_FACTOR_CHANGED"
    SESSION_COPIED = "SESSION_COPIED"
    IDLE_WARNING = "IDLE_WARNING"
    LOCKED_OUT = "LOCKED_OUT"


class Urgency(IntEnum):
    """Mail of a lower number is sent first."""

    AWAITED = 0
    """A person waits for it, or has to act on it at once."""

    BULK = 1
    """Many are queued together, and an hour does not matter."""


BULK_KINDS = frozenset({MailKind.INVITATION, MailKind.IDLE_WARNING})


def urgency(kind: MailKind) -> Urgency:
    """Return how urgent mail of that kind is."""
    return Urgency.BULK if kind in BULK_KINDS else Urgency.AWAITED
