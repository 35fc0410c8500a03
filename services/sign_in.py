"""Signing in with a password: who may, who may not, and what each is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models import actors, credentials
from rules.access import Actor
from rules.refusals import Code, Refusal
from rules.signing_in import Blocker, blockers
from rules.text import login_key
from services.desk import Caller, SignInDesk, Token
from services.work import Work

SESSION_LIFETIME = timedelta(hours=12)
LONGEST_LOGIN = 1_000
"""Characters; what is longer names nobody, and is not folded: that takes time by the square of the length."""
NOBODY = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session, or, once the password is proved, why there is none."""

    actor: Actor | None = None
    token: Token | None = None
    blockers: tuple[Blocker, ...] = ()


@dataclass(frozen=True, slots=True)
class _Account:
    id: UUID
    is_staff: bool
    password_hash: str | None
    is_locked_out: bool = False


async def sign_in(
    work: Work, desk: SignInDesk, caller: Caller, *, portal_slug: str | None, login: str, password: str
) -> SignedIn:
    """Signs in with a password.

    Unknown, wrong, unconfirmed and locked out answer alike: Refusal INVALID_CREDENTIALS. Other blockers are told, because
    by then the password is proved. Refusal RATE_LIMITED before anything is looked up.
    """
    slug = portal_slug.strip().lower() if portal_slug is not None else None
    key = login_key(login) if len(login) <= LONGEST_LOGIN else NOBODY
    counted_as = f"{slug or ''}\n{key}"
    desk.limits.reserve(counted_as, caller.address, work.now())
    account = await _find(slug, key, work.now())
    proved = await desk.passwords.verify(password, account.password_hash if account else None)
    if account is None or not proved or account.is_locked_out:
        raise _wrong()  # a lock found out only below would take longer to answer than a wrong password does

    signed_in = await open_session(work, desk, caller, account.id, is_staff=account.is_staff)
    if Blocker.LOCKED_OUT in signed_in.blockers:
        raise _wrong()
    desk.limits.succeeded(counted_as, caller.address)
    return signed_in


async def open_session(work: Work, desk: SignInDesk, caller: Caller, account_id: UUID, *, is_staff: bool) -> SignedIn:
    """A session for an account whose right to one is proved, unless something blocks it at this moment."""

    async def write() -> SignedIn:
        at, session_id = work.now(), work.new_id()
        blocked = await (_staff_blockers(account_id) if is_staff else _user_blockers(account_id, at))
        if blocked:
            return SignedIn(blockers=blocked)

        await credentials.open_session(
            session_id,
            staff_id=account_id if is_staff else None,
            user_id=None if is_staff else account_id,
            at=at,
            until=at + SESSION_LIFETIME,
            agent=caller.user_agent,
            address=caller.address,
        )
        actor = await actors.acting(account_id, session_id, at)
        return SignedIn(actor, desk.tokens.issue(account_id, session_id, at, work.new_id()))

    return await work.transactions.run(write)


async def _find(slug: str | None, key: str, at: datetime) -> _Account | None:
    if slug is None:
        staff = await credentials.staff_member(key)
        return _Account(staff.member.id, is_staff=True, password_hash=staff.secret.password_hash) if staff else None
    found = await credentials.portal_account(slug, key)
    if found is None:
        return None
    is_locked_out = Blocker.LOCKED_OUT in blockers(found.user, found.door, at)
    return _Account(
        found.user.id, is_staff=False, password_hash=found.secret.password_hash, is_locked_out=is_locked_out
    )


async def _user_blockers(id: UUID, at: datetime) -> tuple[Blocker, ...]:
    """Read under the user's lock, so that no session is born beside a deactivation."""
    account = await credentials.lock_portal_account(id)
    if account is None:
        raise _wrong()
    return blockers(account.user, account.door, at)


async def _staff_blockers(id: UUID) -> tuple[Blocker, ...]:
    staff = await credentials.lock_staff_member(id)
    if staff is None:
        raise _wrong()
    return () if staff.member.is_active else (Blocker.DEACTIVATED,)


def _wrong() -> Refusal:
    return Refusal(
        Code.INVALID_CREDENTIALS, "Login or password is not right. Check both, and the portal, and try again."
    )
