"""The mail with a link that an action sends: its kind, and the address of the user that it goes to."""

from __future__ import annotations

from typing import Protocol

from rules.lifecycle.statuses import UNCONFIRMED, Status
from rules.mail.kinds import MailKind


class HasAddresses(Protocol):
    """A user, as far as it matters for mail."""

    @property
    def status(self) -> Status: ...
    @property
    def email(self) -> str | None: ...
    @property
    def pending_email(self) -> str | None: ...


def invitation(user: HasAddresses) -> tuple[MailKind, str | None]:
    """Return an invitation to the user's address."""
    return MailKind.INVITATION, user.email


def password_reset(user: HasAddresses) -> tuple[MailKind, str | None]:
    """Return a password reset to the user's address."""
    return MailKind.PASSWORD_RESET, user.email


def verification(user: HasAddresses) -> tuple[MailKind, str | None]:
    """Return the invitation of an unconfirmed user, and the verification of a confirmed user's changed address."""
    if user.status in UNCONFIRMED and user.email:
        return invitation(user)
    return MailKind.VERIFY_EMAIL, user.pending_email
