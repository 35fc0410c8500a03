"""New passwords. A password is checked and hashed before the transaction, and stored inside the transaction.

The transaction also ends the account's sessions, reset links and steps of a sign-in. A person with the old password
could have obtained these.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.auth import attempts, sessions, unscoped
from models.links import changes as link_changes
from models.portals.table import PortalRow
from models.staff import StaffRow
from models.users.table import UserRow
from rules.accounts import AccountKey, AccountKind
from rules.audit_events import ProviderEvent
from rules.auth.link_purposes import Purpose
from rules.auth.passwords import PasswordContext, check_length, guessable_password, is_short
from rules.lifecycle.events import Event
from rules.mail.kinds import MailKind
from services import provider_events
from services.auth import accounts
from services.auth.accounts import Account, PortalAccount, StaffAccount
from services.lifecycle import events, pending_email
from services.lifecycle.events import LockedUsers
from services.mail import notifications
from services.mail.notifications import Notification
from services.ports import Caller, SignInPorts
from services.runtime import Runtime

SUPERSEDED_BY_NEW_PASSWORD = (Purpose.RESET_PASSWORD, Purpose.PASSWORD_CHANGE, Purpose.MFA_CHALLENGE)
"""The purposes of the links that a new password supersedes: password resets and steps of a sign-in."""


@dataclass(frozen=True, slots=True)
class NewPassword:
    """The hash of a new password.

    `is_short` is true if the password is too short for an account without a second factor.
    """

    hash: str
    is_short: bool


def password_context(user: UserRow, portal: PortalRow) -> PasswordContext:
    """Return what the password policy reads about a user: names, addresses, and the second factor.

    A second factor that the portal requires counts like an existing one.
    """
    names = (user.first_name, user.last_name, user.username, user.email, portal.name, portal.slug)
    return PasswordContext(tuple(name for name in names if name), user.mfa_enrolled or portal.mfa_required, user.id)


async def password_context_of(account: Account) -> PasswordContext:
    """Return what the password policy reads about a portal user or a member of staff."""
    if isinstance(account, PortalAccount):
        return password_context(account.user, (await unscoped.portal(account.user.portal_id)).row)
    member = account.member
    return PasswordContext((member.name, member.email), member.mfa_enrolled or account.mfa_required, member.id)


async def check_new_password(
    ports: SignInPorts, password: str, who: PasswordContext, path: tuple[str, ...] = ("password",)
) -> None:
    """Check a new password of the account `who` by the password policy. The check takes up to 50 ms of CPU.

    The caller must first check the right to set a password, and count the attempt. A refusal names the input field
    `path`. Raise Refusal with one of these codes:

    - WEAK_PASSWORD if the password is too short, too long or easy to guess.
    - RATE_LIMITED if the queue of `ports.strength` is full, or if another password of the account is being checked.
    """
    check_length(password, who, path)
    if weakness := await ports.strength.weakness(password, who.words, who.account_id):
        raise guessable_password(weakness, path)


async def hash_password(ports: SignInPorts, caller: Caller, password: str) -> NewPassword:
    """Return the stored form of a checked password.

    Raise Refusal(RATE_LIMITED) if the queue of the password hasher is full.
    """
    return NewPassword(await ports.passwords.hash(password, caller.address), is_short(password))


async def check_and_hash(
    ports: SignInPorts, caller: Caller, password: str, who: PasswordContext, path: tuple[str, ...] = ("password",)
) -> NewPassword:
    """Check a new password as `check_new_password` does, and return its stored form."""
    await check_new_password(ports, password, who, path)
    return await hash_password(ports, caller, password)


@dataclass(frozen=True, slots=True)
class LockedUser:
    """A portal user whose row is locked in this transaction, together with the portal's row."""

    locked: LockedUsers
    user: UserRow

    @property
    def at(self) -> datetime:
        return self.locked.at


@dataclass(frozen=True, slots=True)
class LockedStaff:
    """A member of staff whose row is locked in this transaction. `at` is a time after the lock was taken."""

    account: StaffAccount
    at: datetime


async def lock_account(runtime: Runtime, key: AccountKey) -> LockedUser | LockedStaff | None:
    """Lock the account for a change of its password. Return None if the account is deleted. Requires a transaction."""
    if key.kind is AccountKind.PORTAL_USER:
        found = await events.lock_user(runtime, key.id)
        return LockedUser(*found) if found else None
    account = await accounts.lock(key)
    return LockedStaff(account, runtime.now()) if isinstance(account, StaffAccount) else None


async def replace_password(
    runtime: Runtime, owner: LockedUser | LockedStaff, chosen: NewPassword, *, keep_session: UUID | None = None
) -> None:
    """Store the new password, and mail a notice to the owner. Requires a transaction.

    All sessions end except `keep_session`. Links with a purpose in SUPERSEDED_BY_NEW_PASSWORD become invalid. A change
    of e-mail that the owner began is cancelled. Requires a user who has access, or who may use a reset link.
    """
    if isinstance(owner, LockedStaff):
        await _replace_for_staff(runtime, owner.account.member, chosen, owner.at, keep_session=keep_session)
    else:
        await _replace_for_user(runtime, owner.locked, owner.user, chosen, keep_session=keep_session)


async def _replace_for_user(
    runtime: Runtime, locked: LockedUsers, user: UserRow, chosen: NewPassword, *, keep_session: UUID | None
) -> None:
    changed = await events.apply_event(
        runtime, Event.PASSWORD_SET, locked, [user], actor_id=user.id, keep_session=keep_session
    )
    assert changed, "a status that allows a new password"  # noqa: S101  # the callers have checked it under this lock
    await unscoped.set_password(user.key, chosen.hash, is_short=chosen.is_short, at=locked.at)
    await link_changes.supersede_every(SUPERSEDED_BY_NEW_PASSWORD, [user.key], locked.at)
    await pending_email.end_own_changes(runtime, [user], locked.at, actor_id=user.id)
    about = f"{user.id}:{locked.at.isoformat()}"
    await notifications.enqueue_notifications(
        runtime, notifications.notification_for(MailKind.PASSWORD_CHANGED, user, about), locked.at
    )


async def _replace_for_staff(
    runtime: Runtime, member: StaffRow, chosen: NewPassword, at: datetime, *, keep_session: UUID | None
) -> None:
    await unscoped.set_password(member.key, chosen.hash, is_short=chosen.is_short, at=at)
    await link_changes.supersede_every(SUPERSEDED_BY_NEW_PASSWORD, [member.key], at)
    await sessions.end([member.key], at, keep_session=keep_session)
    await attempts.delete_all_counters([member.id])
    await provider_events.record(
        runtime, ProviderEvent.STAFF_PASSWORD_SET, member.mssp_id, at, actor_id=member.id, staff_id=member.id
    )
    notice = Notification(member, MailKind.PASSWORD_CHANGED, member.email, f"{member.id}:{at.isoformat()}")
    await notifications.enqueue_notifications(runtime, [notice], at)
