"""The type of one row in the table of mail kinds. The table itself is in rules/mail/kinds.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, IntEnum, auto
from typing import Literal, Protocol

from rules.auth.link_purposes import Purpose
from rules.durations import bounded


class Urgency(IntEnum):
    """The urgency of a mail. Mails with a lower number are sent first."""

    AWAITED = 0
    """The recipient is waiting for the mail, or must act on the mail at once."""

    BULK = 1
    """Many mails of the kind are queued together. A delay of an hour is acceptable."""


class StillHolds(Enum):
    """What must still be true when a queued mail is sent. rules/mail/validity.py checks it."""

    PORTAL_IS_ACTIVE = auto()
    IS_INVITED = auto()
    IS_OWN_ADDRESS = auto()
    IS_VERIFIED = auto()
    IS_PENDING_ADDRESS = auto()
    MAY_SET_A_PASSWORD = auto()
    WILL_GO_IDLE = auto()


class HasLinkLifetimes(Protocol):
    """A protocol for a portal's row: the columns with the lifetimes of links and codes."""

    @property
    def invitation_ttl_hours(self) -> int: ...
    @property
    def password_reset_ttl_hours(self) -> int: ...
    @property
    def verification_code_ttl_minutes(self) -> int: ...


@dataclass(frozen=True, slots=True)
class LinkLifetime:
    """How long a link or code is active: the number in the portal's column `setting`, in the unit `unit`."""

    setting: Literal["invitation_ttl_hours", "password_reset_ttl_hours", "verification_code_ttl_minutes"]
    unit: timedelta
    for_staff: timedelta | None = None
    """The lifetime of a link for staff, who have no portal. None if the mail is not sent to staff."""

    def of(self, portal: HasLinkLifetimes) -> timedelta:
        """Return the lifetime for users of `portal`."""
        return bounded(getattr(portal, self.setting), self.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSpec:
    """One row of the table of mail kinds.

    A mail with a link or code is sent only while the link or code is active. Mail caps limit the number of such mails.

    A mail with no conditions in `still_holds` reports an event. The mail goes to the account's address at the time of
    the event.
    """

    sent_when: str
    """The cause of the mail, as docs/architecture.md#mails shows it."""
    sent_to: str
    """The address that the mail is sent to, as docs/architecture.md#mails shows it."""
    sent_by: tuple[str, ...]
    """The functions that queue the mail, each as `path.py function`."""
    carries: Purpose | None = None
    """The purpose of the link or code in the mail. None if the mail is a notification."""
    page: str | None = None
    """The page of the frontend that the link opens. None if the mail has no link."""
    lifetime: LinkLifetime | None = None
    """How long the link or code is active. None if the mail has no link or code."""
    urgency: Urgency = Urgency.AWAITED
    still_holds: tuple[StillHolds, ...] = ()
    """The conditions that must still be true when the mail is sent, in the order in which they are checked."""
