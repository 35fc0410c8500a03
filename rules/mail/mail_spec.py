"""What is declared about a kind of mail. The rows are in rules/mail/kinds.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, IntEnum, auto
from typing import Literal, Protocol

from rules.auth.link_purposes import Purpose
from rules.durations import bounded


class Urgency(IntEnum):
    """Mail of a lower number is sent first."""

    AWAITED = 0
    """A person waits for it, or has to act on it at once."""

    BULK = 1
    """Many are queued together, and an hour does not matter."""


class StillHolds(Enum):
    """What must still hold when a mail is sent. rules/mail/validity.py checks each."""

    PORTAL_IS_ACTIVE = auto()
    IS_INVITED = auto()
    IS_OWN_ADDRESS = auto()
    IS_VERIFIED = auto()
    IS_PENDING_ADDRESS = auto()
    MAY_SET_A_PASSWORD = auto()
    WILL_GO_IDLE = auto()


class HasLinkLifetimes(Protocol):
    """A portal, as far as it matters for links. Each name is a column of `portal`."""

    @property
    def invitation_ttl_hours(self) -> int: ...
    @property
    def password_reset_ttl_hours(self) -> int: ...
    @property
    def verification_code_ttl_minutes(self) -> int: ...


@dataclass(frozen=True, slots=True)
class LinkLifetime:
    """How long a link or code is active: the number in the portal's `setting`, times `unit`."""

    setting: Literal["invitation_ttl_hours", "password_reset_ttl_hours", "verification_code_ttl_minutes"]
    unit: timedelta
    for_staff: timedelta | None = None
    """The lifetime of a link for staff, who belong to no portal. None: staff get no such mail."""

    def of(self, portal: HasLinkLifetimes) -> timedelta:
        """Return the lifetime in that portal."""
        return bounded(getattr(portal, self.setting), self.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSpec:
    """One kind of mail: when and to which address it is sent, by which function, and what its link opens.

    Kinds with a link or code are capped by recipient (rules/mail/caps.py), and are sent only while the link is active.
    Without `still_holds`, a mail reports something that happened, to the address of that time.
    """

    sent_when: str
    """What causes the mail. docs/architecture.md#mails shows it."""
    sent_to: str
    """The address that the mail goes to."""
    sent_by: tuple[str, ...]
    """The functions that enqueue it, each as `path.py function`."""
    carries: Purpose | None = None
    """What the link or code is good for. None: a notification."""
    page: str | None = None
    """The page of the frontend that the link opens. None: the mail shows a code, or nothing."""
    lifetime: LinkLifetime | None = None
    """How long the link or code is active. None: the mail has neither."""
    urgency: Urgency = Urgency.AWAITED
    still_holds: tuple[StillHolds, ...] = ()
    """Checked in this order."""
