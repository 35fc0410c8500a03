"""What must still hold for a queued mail when it is sent: one row for each kind.

A mail is decided when it is queued and sent later, by a retry weeks later. Each row asks again, by the rules that decided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.auth import password_reset
from rules.housekeeping import suspended_at
from rules.lifecycle.decisions import PortalState, UserView
from rules.lifecycle.events import Event, happens
from rules.lifecycle.statuses import CATEGORY, Category, Status
from rules.mail.kinds import MailKind
from rules.refusals import Code, Refusal


@dataclass(frozen=True, slots=True)
class UserFacts:
    """A portal's user as stored at the moment of sending."""

    user: UserView
    place: PortalState
    idle_since: datetime | None
    idle_warned_at: datetime | None
    idle_suspend_days: int | None


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """A member of staff as stored at the moment of sending."""

    is_active: bool
    email: str


@dataclass(frozen=True, slots=True)
class MailFacts:
    """A mail, and its recipient as stored at `at`. `deadline` is the moment that an idle warning tells of."""

    recipient: str
    deadline: datetime | None
    account: UserFacts | StaffFacts
    at: datetime


def check(kind: MailKind, facts: MailFacts) -> None:
    """Raise Refusal with what no longer holds; return when the mail may be sent."""
    for holds in STILL_HOLDS[kind]:
        holds(facts)


def _portal_is_active(facts: MailFacts) -> None:
    if isinstance(facts.account, UserFacts) and not facts.account.place.is_active:
        raise Refusal(Code.PORTAL_INACTIVE)


def _is_invited(facts: MailFacts) -> None:
    if isinstance(facts.account, StaffFacts) or facts.account.user.status is not Status.PROVISIONED:
        raise Refusal(Code.ALREADY_MEMBER)


def _is_own_address(facts: MailFacts) -> None:
    account = facts.account
    own = account.email if isinstance(account, StaffFacts) else account.user.email
    if own != facts.recipient:
        raise Refusal(Code.NO_EMAIL)


def _is_verified(facts: MailFacts) -> None:
    if isinstance(facts.account, UserFacts) and facts.account.user.email_verified_at is None:
        raise Refusal(Code.UNVERIFIED)


def _is_pending_address(facts: MailFacts) -> None:
    if isinstance(facts.account, StaffFacts) or facts.account.user.pending_email != facts.recipient:
        raise Refusal(Code.ALREADY_VERIFIED)


def _may_set_a_password(facts: MailFacts) -> None:
    if isinstance(facts.account, UserFacts):
        password_reset.may_be_finished(facts.account.user, facts.account.place)
    elif not facts.account.is_active:
        raise Refusal(Code.INACTIVE)


def _will_go_idle(facts: MailFacts) -> None:
    """The user is suspended at the deadline, unless they sign in; the deadline lies ahead."""
    account = facts.account
    if isinstance(account, StaffFacts) or CATEGORY[account.user.status] is not Category.ENABLED:
        raise Refusal(Code.ALREADY_IN_STATE)
    since, warned_at, policy = account.idle_since, account.idle_warned_at, account.idle_suspend_days
    if since is None or warned_at is None or policy is None or facts.deadline is None:
        raise Refusal(Code.ALREADY_IN_STATE)
    due = suspended_at(since, warned_at, policy)
    if not facts.at < facts.deadline or abs(due - facts.deadline) >= timedelta(seconds=1):
        raise Refusal(Code.ALREADY_IN_STATE)
    happens(Event.WENT_IDLE, account.user, account.place)


STILL_HOLDS: dict[MailKind, tuple[Callable[[MailFacts], None], ...]] = {
    MailKind.INVITATION: (_portal_is_active, _is_invited, _is_own_address),
    MailKind.REGISTRATION_CODE: (_portal_is_active, _is_invited),
    MailKind.VERIFY_EMAIL: (_portal_is_active, _is_pending_address),
    MailKind.PASSWORD_RESET: (_portal_is_active, _is_own_address, _is_verified, _may_set_a_password),
    MailKind.IDLE_WARNING: (_portal_is_active, _is_own_address, _is_verified, _will_go_idle),
    MailKind.EMAIL_CHANGE_STARTED: (),
    MailKind.PASSWORD_CHANGED: (),
    MailKind.SECOND_FACTOR_CHANGED: (),
    MailKind.SESSION_COPIED: (),
    MailKind.LOCKED_OUT: (),
}
"""The checks of each kind, in order. Security notices tell of something that happened, to the address of that time:
nothing makes them untrue. Mail with a link or a code also needs its link to be active, which the link's row tells."""
