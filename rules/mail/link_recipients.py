"""The kind and the recipient of the mail with a link that an action sends to a user."""

from __future__ import annotations

from typing import Protocol

from rules.lifecycle.statuses import UNCONFIRMED, Status
from rules.mail.kinds import MailKind


class HasAddresses(Protocol):
    """The columns of a user that the recipient of a mail depends on."""

    @property
    def status(self) -> Status: ...
    @property
    def email(self) -> str | None: ...
    @property
    def pending_email(self) -> str | None: ...


def invitation(user: HasAddresses) -> tuple[MailKind, str | None]:
    """Return INVITATION and the user's address. The address is None if the user has none."""
    return MailKind.INVITATION, user.email


def password_reset(user: HasAddresses) -> tuple[MailKind, str | None]:
    """Return PASSWORD_RESET and the user's address. The address is None if the user has none."""
    return MailKind.PASSWORD_RESET, user.email


def verification(user: HasAddresses) -> tuple[MailKind, str | None]:
    """Return the kind and the address of the mail that verifies an address of the user.

    UNCONFIRMED users with an address: INVITATION to the address. Other users: VERIFY_EMAIL to the pending address, which
    is None if no change is pending.
    """
    if user.status in UNCONFIRMED and user.email:
        return invitation(user)
    return MailKind.VERIFY_EMAIL, user.pending_email
