"""Accounts that sign in: a portal user or a member of staff, with the rules for the password and for lockouts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.auth import unscoped
from models.auth.actors import SignInPolicyRow
from models.auth.unscoped import SecretRow
from models.staff import StaffRow
from models.users.table import UserRow
from rules.accounts import AccountKey, AccountKind
from rules.auth.lockout import (
    FAILURES_COUNT_FOR,
    SECOND_FACTOR_ATTEMPTS,
    SECOND_FACTOR_PAUSE,
    STAFF_LOCKOUT,
    STAFF_LOCKOUT_THRESHOLD,
    Proof,
)
from rules.auth.sign_in_blockers import Blocker, blockers, lock_ends_at
from rules.durations import bounded
from rules.lifecycle.statuses import RESUMABLE, Status


class _Account(ABC):
    """What signing in needs to know about an account, as read from the database."""

    secret: SecretRow

    @property
    @abstractmethod
    def row(self) -> UserRow | StaffRow:
        """The stored row of the user or of the member of staff."""

    @property
    @abstractmethod
    def login(self) -> str:
        """The account's name in an authenticator app."""

    @property
    @abstractmethod
    def address(self) -> str | None:
        """The verified e-mail address for notifications, or None if the account has no verified address."""

    @property
    @abstractmethod
    def mfa_required(self) -> bool:
        """Whether the account must have a second factor."""

    @property
    @abstractmethod
    def is_locked_by_status(self) -> bool:
        """Whether the account's status can show a lockout. If not, only the attempt counters lock the account."""

    @property
    @abstractmethod
    def lockout_threshold(self) -> int:
        """The number of wrong passwords from one source that locks the account."""

    @property
    @abstractmethod
    def password_max_age(self) -> timedelta | None:
        """The age at which a password must be replaced, or None for no limit."""

    @abstractmethod
    def blockers(self, at: datetime) -> tuple[Blocker, ...]:
        """Return all blockers of a sign-in at `at`."""

    @abstractmethod
    def wrong_passwords_forgiven_until(self, at: datetime) -> datetime:
        """Return the start of the period in which wrong passwords count towards a lock at `at`."""

    @abstractmethod
    def lock_is_over(self, at: datetime) -> bool:
        """Return whether the lock has ended by `at` and the stored status is still LOCKED_OUT."""

    @property
    def id(self) -> UUID:
        return self.row.id

    @property
    def key(self) -> AccountKey:
        return self.row.key

    @property
    def portal_id(self) -> UUID | None:
        return self.row.portal_id

    @property
    def mfa_enrolled(self) -> bool:
        return self.row.mfa_enrolled

    def threshold(self, proof: Proof) -> int:
        """Return the number of failures from one source that locks the account.

        `proof` is the kind of proof that failed.
        """
        most = self.lockout_threshold
        return most if proof is Proof.PASSWORD else min(most, SECOND_FACTOR_ATTEMPTS)

    def forgiven_until(self, proof: Proof, at: datetime) -> datetime:
        """Return the start of the period in which failures of the kind `proof` count towards a lock at `at`."""
        is_password = proof is Proof.PASSWORD
        return self.wrong_passwords_forgiven_until(at) if is_password else at - SECOND_FACTOR_PAUSE

    def password_is_due(self, at: datetime) -> bool:
        """Return whether the owner must set a new password at the next sign-in, for one of these reasons:

        - The password's age has reached `password_max_age`.
        - The password is short, and the account neither has nor requires a second factor.
        """
        if self.secret.password_is_short and not (self.mfa_enrolled or self.mfa_required):
            return True
        most, since = self.password_max_age, self.secret.password_changed_at
        return bool(most and since and at >= since + most)


@dataclass(frozen=True, slots=True)
class PortalAccount(_Account):
    """A portal user as an account, with the sign-in policy of the user's portal."""

    user: UserRow
    policy: SignInPolicyRow
    secret: SecretRow

    @property
    def row(self) -> UserRow:
        return self.user

    @property
    def login(self) -> str:
        return self.user.email or self.user.username

    @property
    def address(self) -> str | None:
        return self.user.email if self.user.email_verified_at else None

    @property
    def mfa_required(self) -> bool:
        return self.policy.mfa_required

    @property
    def is_locked_by_status(self) -> bool:
        return self.user.status in (*RESUMABLE, Status.LOCKED_OUT)

    @property
    def lockout_threshold(self) -> int:
        return self.policy.lockout_threshold

    @property
    def password_max_age(self) -> timedelta | None:
        days = self.policy.password_max_age_days
        return bounded(days, timedelta(days=1)) if days else None

    def blockers(self, at: datetime) -> tuple[Blocker, ...]:
        return blockers(self.user, self.policy, at)

    def wrong_passwords_forgiven_until(self, at: datetime) -> datetime:
        aged, lock_ended_at = at - FAILURES_COUNT_FOR, lock_ends_at(self.user, self.policy)
        return max(aged, lock_ended_at) if lock_ended_at and lock_ended_at <= at else aged

    def lock_is_over(self, at: datetime) -> bool:
        return self.user.status is Status.LOCKED_OUT and Blocker.LOCKED_OUT not in self.blockers(at)


@dataclass(frozen=True, slots=True)
class StaffAccount(_Account):
    """A member of staff as an account. It has no portal policy, and only the attempt counters lock it."""

    member: StaffRow
    secret: SecretRow
    is_mfa_required: bool

    @property
    def row(self) -> StaffRow:
        return self.member

    @property
    def login(self) -> str:
        return self.member.email

    @property
    def address(self) -> str | None:
        return self.member.email

    @property
    def mfa_required(self) -> bool:
        return self.is_mfa_required

    @property
    def is_locked_by_status(self) -> bool:
        return False

    @property
    def lockout_threshold(self) -> int:
        return STAFF_LOCKOUT_THRESHOLD

    @property
    def password_max_age(self) -> timedelta | None:
        return None

    def blockers(self, at: datetime) -> tuple[Blocker, ...]:
        return () if self.member.is_active else (Blocker.DEACTIVATED,)

    def wrong_passwords_forgiven_until(self, at: datetime) -> datetime:
        return at - STAFF_LOCKOUT

    def lock_is_over(self, at: datetime) -> bool:
        return False


Account = PortalAccount | StaffAccount


async def by_login(portal_slug: str | None, login_key: str) -> Account | None:
    """Return the account with the login key, or None if there is no such account.

    The account is a user of the portal `portal_slug`, or a member of staff if `portal_slug` is None.
    """
    if portal_slug is None:
        staff = await unscoped.staff_account_by_login(login_key)
        return StaffAccount(*staff) if staff else None
    user = await unscoped.portal_account_by_login(portal_slug, login_key)
    return PortalAccount(*user) if user else None


async def by_key(key: AccountKey) -> Account | None:
    """Return the account, or None if the account is deleted. The row is not locked."""
    return await _read(key, lock=False)


async def lock(key: AccountKey) -> Account | None:
    """Lock the account's row and return the account, or None if the account is deleted. Requires a transaction.

    While the lock is held, no other transaction can begin a session or deactivate the account.
    """
    return await _read(key, lock=True)


async def _read(key: AccountKey, *, lock: bool) -> Account | None:
    if key.kind is AccountKind.STAFF_MEMBER:
        staff = await unscoped.staff_account(key.id, lock=lock)
        return StaffAccount(*staff) if staff else None
    user = await unscoped.portal_account(key.id, lock=lock)
    return PortalAccount(*user) if user else None
