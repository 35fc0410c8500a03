"""The kinds of mail, and how urgent each is."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Protocol

from rules.lifecycle.actions import Action
from rules.lifecycle.statuses import UNCONFIRMED, Status


class MailKind(StrEnum):
    """Which template. Those that carry no link or code are notices."""

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


class HasAddresses(Protocol):
    """A user, as far as it matters for the mail that an action sends."""

    @property
    def status(self) -> Status: ...
    @property
    def email(self) -> str | None: ...
    @property
    def pending_email(self) -> str | None: ...


def mail_of(action: Action, user: HasAddresses) -> tuple[MailKind, str] | None:
    """Return the kind of mail that the action sends to the user, and the address; None if it sends none."""
    if action is Action.RESET_PASSWORD and user.email:
        return MailKind.PASSWORD_RESET, user.email
    if action is Action.INVITE and user.email:
        return MailKind.INVITATION, user.email
    if action is Action.RESEND_VERIFICATION and user.status in UNCONFIRMED and user.email:
        return MailKind.INVITATION, user.email
    if action is Action.RESEND_VERIFICATION and user.pending_email:
        return MailKind.VERIFY_EMAIL, user.pending_email
    return None
