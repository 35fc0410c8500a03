"""Which kind of mail with a link an action sends, and to which of the user's addresses."""

from __future__ import annotations

from typing import Protocol

from rules.lifecycle.statuses import UNCONFIRMED, Status
from rules.mail.kinds import MailKind


class HasAddresses(Protocol):
    """A protocol for a user's row: the columns that decide where a mail with a link is sent."""

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
    """Return the mail kind PASSWORD_RESET, and the user's e-mail address, which can be None."""
    return MailKind.PASSWORD_RESET, user.email


def verification(user: HasAddresses) -> tuple[MailKind, str | None]:
    """Return the kind and the address of the mail that verifies an address of the user.

    - An UNCONFIRMED user with an address gets an INVITATION to this address.
    - Another user gets VERIFY_EMAIL to the pending address, which is None if no change is pending.
    """
    if user.status in UNCONFIRMED and user.email:
        return invitation(user)
    return MailKind.VERIFY_EMAIL, user.pending_email
