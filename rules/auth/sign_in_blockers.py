"""The reasons why a portal user cannot sign in."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from rules.durations import bounded
from rules.lifecycle.statuses import UNCONFIRMED, Status, StatusReason
from rules.lifecycle.transitions import HasLifecycleColumns


class Blocker(StrEnum):
    """A reason why a portal user cannot sign in. GraphQL: SignInBlockerCode."""

    NOT_ONBOARDED = "NOT_ONBOARDED"
    EMAIL_UNVERIFIED = "EMAIL_UNVERIFIED"
    RESET_PENDING = "RESET_PENDING"
    NEW_PASSWORD_REQUIRED = "NEW_PASSWORD_REQUIRED"
    LOCKED_OUT = "LOCKED_OUT"
    SUSPENDED = "SUSPENDED"
    DEACTIVATED = "DEACTIVATED"
    WAITING_FOR_SEAT = "WAITING_FOR_SEAT"
    PORTAL_INACTIVE = "PORTAL_INACTIVE"
    PORTAL_ACCESS_CLOSED = "PORTAL_ACCESS_CLOSED"
    PASSWORD_SIGN_IN_OFF = "PASSWORD_SIGN_IN_OFF"


OUTLIVED_BY_SESSIONS = frozenset({Blocker.LOCKED_OUT, Blocker.NEW_PASSWORD_REQUIRED, Blocker.PASSWORD_SIGN_IN_OFF})
"""Blockers that prevent a new sign-in only. The account's active sessions continue."""

OF_STATUS = {
    Status.STAGED: Blocker.NOT_ONBOARDED,
    Status.PROVISIONED: Blocker.NOT_ONBOARDED,
    Status.AWAITING_NEW_PASSWORD: Blocker.NEW_PASSWORD_REQUIRED,
    Status.RECOVERY: Blocker.RESET_PENDING,
    Status.LOCKED_OUT: Blocker.LOCKED_OUT,
    Status.SUSPENDED: Blocker.SUSPENDED,
    Status.DEACTIVATED: Blocker.DEACTIVATED,
}
"""The blocker of each status except ACTIVE. DEACTIVATED users who wait for a seat have WAITING_FOR_SEAT instead."""


class HasSignInColumns(HasLifecycleColumns, Protocol):
    """A protocol for a user's row: the columns that `blockers` reads."""

    @property
    def status_changed_at(self) -> datetime: ...
    @property
    def locked_for_good(self) -> bool: ...
    @property
    def pending_email_is_own(self) -> bool: ...
    @property
    def portal_access(self) -> bool: ...


class HasSignInPolicy(Protocol):
    """A protocol for a portal's row: the columns that `blockers` reads. `SignInPolicyRow` of models/ has these columns."""

    @property
    def is_active(self) -> bool: ...
    @property
    def password_sign_in_enabled(self) -> bool: ...
    @property
    def lockout_minutes(self) -> int | None: ...


def blockers(user: HasSignInColumns, portal: HasSignInPolicy, now: datetime) -> tuple[Blocker, ...]:
    """Return every reason why the user cannot sign in at `now`, in the enum's order. Empty if there is none.

    - A lockout that has ended by `now` is left out, even if the status is still LOCKED_OUT.
    - The blocker of `resume_status`, the status after an unlock or activation, is included (K18).
    """
    found = set()
    if not portal.is_active:
        found.add(Blocker.PORTAL_INACTIVE)
    if not user.portal_access:
        found.add(Blocker.PORTAL_ACCESS_CLOSED)
    if not portal.password_sign_in_enabled:
        found.add(Blocker.PASSWORD_SIGN_IN_OFF)
    if user.pending_email and not user.pending_email_is_own and user.status not in UNCONFIRMED:
        found.add(Blocker.EMAIL_UNVERIFIED)
    if not _lock_is_over(user, portal, now):
        found |= _blockers_of_status(user)
    if user.resume_status in OF_STATUS:
        found.add(OF_STATUS[user.resume_status])
    return tuple(blocker for blocker in Blocker if blocker in found)


def _blockers_of_status(user: HasSignInColumns) -> set[Blocker]:
    if user.status is Status.DEACTIVATED and user.status_reason is StatusReason.WAITING_FOR_SEAT:
        return {Blocker.WAITING_FOR_SEAT}
    return {OF_STATUS[user.status]} if user.status in OF_STATUS else set()


def lock_ends_at(user: HasSignInColumns, portal: HasSignInPolicy) -> datetime | None:
    """Return when the user's lockout ends by itself. None if the lockout has no end, or if there is no lockout."""
    if user.status is not Status.LOCKED_OUT or user.locked_for_good or portal.lockout_minutes is None:
        return None
    return user.status_changed_at + bounded(portal.lockout_minutes, timedelta(minutes=1))


def _lock_is_over(user: HasSignInColumns, portal: HasSignInPolicy, now: datetime) -> bool:
    ends_at = lock_ends_at(user, portal)
    return ends_at is not None and now >= ends_at
