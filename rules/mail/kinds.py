"""The kinds of mail: one row says everything about a kind. Its text is in the template of its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum, auto
from typing import Protocol

from rules.auth.link_purposes import Purpose


class MailKind(StrEnum):
    """The kind of a mail, which is also the name of its template. Kinds without a link or code are notifications."""

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
    """A portal, as far as it matters for links."""

    @property
    def invitation_ttl_hours(self) -> int: ...
    @property
    def password_reset_ttl_hours(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSpec:
    """What there is to say about a kind of mail.

    Kinds with a link or code are capped by recipient (rules/mail/caps.py), and are sent while the link is active only.
    Without `still_holds`, a mail tells of something that happened, to the address of that time.
    """

    carries: Purpose | None = None
    """What the link or code is good for. None: a notification."""
    page: str | None = None
    """The page of the frontend that the link opens. None: the mail shows a code."""
    link_hours: Callable[[HasLinkLifetimes], int] | None = None
    """The portal's setting for how long the link is active. None: the place that enqueues the mail says it."""
    urgency: Urgency = Urgency.AWAITED
    still_holds: tuple[StillHolds, ...] = ()
    """Checked in this order."""


def _invitation_hours(portal: HasLinkLifetimes) -> int:
    return portal.invitation_ttl_hours


def _password_reset_hours(portal: HasLinkLifetimes) -> int:
    return portal.password_reset_ttl_hours


MAIL_KINDS: dict[MailKind, MailSpec] = {
    MailKind.INVITATION: MailSpec(
        carries=Purpose.INVITATION,
        page="invitation",
        link_hours=_invitation_hours,
        urgency=Urgency.BULK,
        still_holds=(StillHolds.PORTAL_IS_ACTIVE, StillHolds.IS_INVITED, StillHolds.IS_OWN_ADDRESS),
    ),
    MailKind.VERIFY_EMAIL: MailSpec(
        carries=Purpose.VERIFY_EMAIL,
        page="verify-email",
        link_hours=_invitation_hours,
        still_holds=(StillHolds.PORTAL_IS_ACTIVE, StillHolds.IS_PENDING_ADDRESS),
    ),
    MailKind.PASSWORD_RESET: MailSpec(
        carries=Purpose.RESET_PASSWORD,
        page="reset-password",
        link_hours=_password_reset_hours,
        still_holds=(
            StillHolds.PORTAL_IS_ACTIVE,
            StillHolds.IS_OWN_ADDRESS,
            StillHolds.IS_VERIFIED,
            StillHolds.MAY_SET_A_PASSWORD,
        ),
    ),
    MailKind.REGISTRATION_CODE: MailSpec(
        carries=Purpose.REGISTRATION_CODE,
        still_holds=(StillHolds.PORTAL_IS_ACTIVE, StillHolds.IS_INVITED),
    ),
    MailKind.IDLE_WARNING: MailSpec(
        urgency=Urgency.BULK,
        still_holds=(
            StillHolds.PORTAL_IS_ACTIVE,
            StillHolds.IS_OWN_ADDRESS,
            StillHolds.IS_VERIFIED,
            StillHolds.WILL_GO_IDLE,
        ),
    ),
    MailKind.EMAIL_CHANGE_STARTED: MailSpec(),
    MailKind.PASSWORD_CHANGED: MailSpec(),
    MailKind.SECOND_FACTOR_CHANGED: MailSpec(),
    MailKind.SESSION_COPIED: MailSpec(),
    MailKind.LOCKED_OUT: MailSpec(),
}

PURPOSES: dict[MailKind, Purpose] = {kind: spec.carries for kind, spec in MAIL_KINDS.items() if spec.carries}
"""The kinds that carry a link or code, and what it is good for."""


def urgency(kind: MailKind) -> Urgency:
    """Return how urgent mail of that kind is."""
    return MAIL_KINDS[kind].urgency
