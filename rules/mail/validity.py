"""Check that the reason for a queued mail still exists when the mail is sent.

Retries can delay a mail, and meanwhile the reason can disappear. rules/mail/kinds.py lists the conditions of each kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.auth import password_reset
from rules.housekeeping import suspended_at
from rules.lifecycle.decision_types import HasDecisionColumns, PortalState
from rules.lifecycle.events import Event, decide_event
from rules.lifecycle.statuses import CATEGORY, Category, Status
from rules.mail.kinds import MAIL_KINDS, MailKind
from rules.mail.mail_spec import StillHolds
from rules.refusals import Code, Refusal


@dataclass(frozen=True, slots=True)
class UserFacts:
    """The present values of a portal user that decide whether a mail is still sent."""

    user: HasDecisionColumns
    portal: PortalState
    idle_since: datetime | None
    idle_warned_at: datetime | None
    idle_suspend_days: int | None


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """The present values of a staff member that decide whether a mail is still sent."""

    is_active: bool
    email: str
    has_password: bool = True


@dataclass(frozen=True, slots=True)
class MailFacts:
    """A mail that is to be sent at the time `at`, and the account that receives it.

    - `recipient`: the address to which the mail is sent.
    - `deadline`: when the user will be suspended, in the warning of an idle user. None in other mails.
    """

    recipient: str
    deadline: datetime | None
    account: UserFacts | StaffFacts
    at: datetime


def check_conditions(kind: MailKind, facts: MailFacts) -> None:
    """Check the conditions under which a mail of this kind is still sent.

    Raise Refusal with the code of the first condition that is no longer true.
    """
    for each in MAIL_KINDS[kind].still_holds:
        CHECKS[each](facts)


def _portal_is_active(facts: MailFacts) -> None:
    if isinstance(facts.account, UserFacts) and not facts.account.portal.is_active:
        raise Refusal(Code.PORTAL_INACTIVE)


def _is_invited(facts: MailFacts) -> None:
    account = facts.account
    if isinstance(account, StaffFacts):
        is_invited = account.is_active and not account.has_password
    else:
        is_invited = account.user.status is Status.PROVISIONED
    if not is_invited:
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
        password_reset.check_may_be_used(facts.account.user, facts.account.portal)
    elif not facts.account.is_active:
        raise Refusal(Code.INACTIVE)


def _will_go_idle(facts: MailFacts) -> None:
    account = facts.account
    if isinstance(account, StaffFacts) or CATEGORY[account.user.status] is not Category.ENABLED:
        raise Refusal(Code.ALREADY_IN_STATE)
    since, warned_at, policy = account.idle_since, account.idle_warned_at, account.idle_suspend_days
    if since is None or warned_at is None or policy is None or facts.deadline is None:
        raise Refusal(Code.ALREADY_IN_STATE)
    due = suspended_at(since, warned_at, policy)
    if not facts.at < facts.deadline or abs(due - facts.deadline) >= timedelta(seconds=1):
        raise Refusal(Code.ALREADY_IN_STATE)
    decide_event(Event.WENT_IDLE, account.user, account.portal)


CHECKS: dict[StillHolds, Callable[[MailFacts], None]] = {
    StillHolds.PORTAL_IS_ACTIVE: _portal_is_active,
    StillHolds.IS_INVITED: _is_invited,
    StillHolds.IS_OWN_ADDRESS: _is_own_address,
    StillHolds.IS_VERIFIED: _is_verified,
    StillHolds.IS_PENDING_ADDRESS: _is_pending_address,
    StillHolds.MAY_SET_A_PASSWORD: _may_set_a_password,
    StillHolds.WILL_GO_IDLE: _will_go_idle,
}
"""Maps each condition to a function that raises Refusal if the condition is no longer true."""
