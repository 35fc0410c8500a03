"""An account as signing in finds it: a portal's user or a member of staff, with what is counted against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.auth import unscoped
from models.auth.unscoped import PortalAccount, SecretRow, StaffAccount
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
from services.mail.mail_rows import Addressee


@dataclass(frozen=True, slots=True)
class Account:
    """Exactly one of `user` and `staff`, as stored when it was read."""

    user: PortalAccount | None = None
    staff: StaffAccount | None = None

    @property
    def is_staff(self) -> bool:
        return self.staff is not None

    @property
    def id(self) -> UUID:
        return self._user.user.id if self.user else self._staff.member.id

    @property
    def secret(self) -> SecretRow:
        return self._user.secret if self.user else self._staff.secret

    @property
    def mfa_enrolled(self) -> bool:
        return self._user.user.mfa_enrolled if self.user else self._staff.member.mfa_enrolled

    @property
    def mfa_required(self) -> bool:
        return self.user is not None and self.user.door.mfa_required

    @property
    def addressee(self) -> Addressee:
        return Addressee(self.id, self.user.user.portal_id if self.user else None)

    @property
    def address(self) -> str | None:
        """Where the account's owner is told something: a verified address only."""
        if self.user is None:
            return self._staff.member.email
        return self.user.user.email if self.user.user.email_verified_at else None

    @property
    def login(self) -> str:
        return self._user.user.email or self._user.user.username if self.user else self._staff.member.email

    @property
    def is_lockable(self) -> bool:
        """Whether the status says if the account is locked out; of others only the counters do."""
        return self.user is not None and self.user.user.status in (*RESUMABLE, Status.LOCKED_OUT)

    def threshold(self, proof: Proof) -> int:
        """How many failures from one source lock the account out."""
        passwords = self.user.door.lockout_threshold if self.user else STAFF_LOCKOUT_THRESHOLD
        return passwords if proof is Proof.PASSWORD else min(passwords, SECOND_FACTOR_ATTEMPTS)

    def blockers(self, at: datetime) -> tuple[Blocker, ...]:
        """Everything that blocks a sign-in at that moment."""
        if self.user:
            return blockers(self.user.user, self.user.door, at)
        return () if self._staff.member.is_active else (Blocker.DEACTIVATED,)

    def forgiven_until(self, proof: Proof, at: datetime) -> datetime:
        """Up to when a source's failures count towards a lock no more: they are old, or a lock has ended since."""
        if proof is Proof.SECOND_FACTOR:
            return at - SECOND_FACTOR_PAUSE
        if self.user is None:
            return at - STAFF_LOCKOUT
        aged, ends_at = at - FAILURES_COUNT_FOR, lock_ends_at(self.user.user, self.user.door)
        return max(aged, ends_at) if ends_at and ends_at <= at else aged

    def lock_is_over(self, at: datetime) -> bool:
        """Whether a lock has ended by itself, and its end is not written yet."""
        return bool(
            self.user and self.user.user.status is Status.LOCKED_OUT and Blocker.LOCKED_OUT not in self.blockers(at)
        )

    def password_is_due(self, at: datetime) -> bool:
        """Whether a new password is asked for: it is older than the portal allows, or too short by itself."""
        has_second_factor = self.mfa_enrolled or self.mfa_required
        if self.secret.password_is_short and not has_second_factor:
            return True
        days = self.user.door.password_max_age_days if self.user else None
        since = self.secret.password_changed_at
        return bool(days and since and at >= since + bounded(days, timedelta(days=1)))

    @property
    def _user(self) -> PortalAccount:
        assert self.user, "a portal's user"  # noqa: S101  # for the type checker: one of the two is there
        return self.user

    @property
    def _staff(self) -> StaffAccount:
        assert self.staff, "a member of staff"  # noqa: S101  # likewise
        return self.staff


async def named(slug: str | None, key: str) -> Account | None:
    """The account that a login names: of that portal, or of the staff."""
    if slug is None:
        staff = await unscoped.staff_member(key)
        return Account(staff=staff) if staff else None
    user = await unscoped.portal_account(slug, key)
    return Account(user=user) if user else None


async def by_id(id: UUID, *, is_staff: bool) -> Account | None:
    """An account whose password, link or token was found, with its password; None when it is gone by now."""
    if is_staff:
        staff = await unscoped.staff_of_link(id)
        return Account(staff=staff) if staff else None
    user = await unscoped.user_of_link(id)
    return Account(user=user) if user else None


async def locked(id: UUID, *, is_staff: bool) -> Account | None:
    """The account as it is now, locked until the transaction ends; no session is born beside a deactivation."""
    if is_staff:
        staff = await unscoped.lock_staff_member(id)
        return Account(staff=staff) if staff else None
    user = await unscoped.lock_portal_account(id)
    return Account(user=user) if user else None
