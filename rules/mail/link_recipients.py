"""The kind and the recipient of the mail with a link that an action sends to a user."""

from __future__ import annotations

from typing import Protocol

from rules.lifecycle.statuses import UNCONFIRMED, Status
from rules.mail.kinds import MailKind


class HasAddresses(Protocol):
    """A protocol for a user's row: the columns that determine the recipient of a mail with a link."""

    @property
    def status(self) -> Status: ...
    @property
    def email(self) -> str | None: ...
    @property
    def pending_email(self) -> str | None: ...


def invitation(user: HasAddresses) -> tuple[MailKind, str | None]:
    """Return INVITATION and the user's e-mail address, which can be None."""
    return MailKind.INVITATION, user.email


def password_reset(user: HasAddresses) -> tuple[MailKind, str | None]:
    """Return PASSWORD_RESET and the user's e-mail address, which can be None."""
    return MailKind.PASSWORD_RESET, user.email


def verification(user: HasAddresses) -> tuple[MailKind, str | None]:
    """Return the kind and the address of the mail that verifies an address of the user.

    For an UNCONFIRMED user with an address, return INVITATION and that address. For other users, return VERIFY_EMAIL
    and the pending address. The pending address is None if no change of e-mail is pending.
    """
    if user.status in UNCONFIRMED and user.email:
        return invitation(user)
    return MailKind.VERIFY_EMAIL, user.pending_email
