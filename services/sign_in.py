"""Signing in: the password is proved, then what blocks, then a second factor, then a new password, then a session."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from models import credentials, links
from models.links import Purpose
from rules.access import Actor
from rules.events import Event
from rules.refusals import Code, Refusal
from rules.signing_in import Blocker
from rules.text import typed_key
from services import accounts, attempts, events, mails, password_checks, rate_limits, sessions
from services.accounts import Account
from services.desk import Caller, SignInDesk, Token
from services.sessions import Living
from services.work import Work

CHALLENGE_LIVES = timedelta(minutes=5)
PASSWORD_CHANGE_LIVES = timedelta(minutes=15)

PASSED_ON_THE_WAY = frozenset({Blocker.LOCKED_OUT, Blocker.NEW_PASSWORD_REQUIRED})
"""A lock does not hold for known sources, and a new password is asked for while signing in."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something left to do before there is a session, and the token that carries the right to it."""

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session, or the next step to one, or, once the password is proved, why there is none."""

    actor: Actor | None = None
    token: Token | None = None
    refresh_token: str | None = field(default=None, repr=False)
    until: datetime | None = None
    blockers: tuple[Blocker, ...] = ()
    mfa_challenge: Step | None = None
    password_change: Step | None = None

    @classmethod
    def of(cls, living: Living) -> SignedIn:
        return cls(living.actor, living.token, living.refresh_token, living.until)


async def sign_in(
    work: Work, desk: SignInDesk, caller: Caller, *, portal_slug: str | None, login: str, password: str
) -> SignedIn:
    """Signs in with a password, or tells the next step.

    Unknown, wrong, unconfirmed and locked out answer alike: Refusal INVALID_CREDENTIALS. Other blockers are told, because
    by then the password is proved. Refusal RATE_LIMITED before a hash is computed.
    """
    slug = typed_key(portal_slug) if portal_slug is not None else None
    key = typed_key(login)
    account = await accounts.named(slug, key)
    typed = ("staff", key) if slug is None else ("portal", slug, key)
    async with rate_limits.sign_in(work, desk, caller, account.id if account else None):
        signed_in = await _by_password(work, desk, caller, account, password, typed)
    if account and account.secret.password_hash and desk.passwords.needs_rehash(account.secret.password_hash):
        work.transactions.beside(lambda: _rehash(work, desk, caller, account, password))
    return signed_in


async def _by_password(
    work: Work, desk: SignInDesk, caller: Caller, account: Account | None, password: str, typed: tuple[str, ...]
) -> SignedIn:
    attempt = await password_checks.proved(work, desk, caller, account, password, typed=typed)
    if account is None or attempt is None:
        raise wrong()

    await _catch_up(work, account)

    async def write() -> SignedIn:
        at = work.now()
        now = await accounts.locked(account.id, is_staff=account.is_staff)
        if now is None or now.secret.password_hash != account.secret.password_hash:
            raise wrong()  # replaced while it was looked at: what was proved is the old one
        signed_in = await step_on(work, desk, caller, now, at, is_exempt=attempt.is_exempt)
        await attempts.reset(attempt)
        return signed_in

    async with attempts.refunded(work, attempt):  # also where a lock, or another password, was faster
        return await work.transactions.run(write)


async def _rehash(work: Work, desk: SignInDesk, caller: Caller, account: Account, password: str) -> None:
    """Replace a proved password's hash that was made with earlier parameters, unless it was replaced meanwhile."""
    now = await desk.passwords.hash(password, caller.address)
    earlier = str(account.secret.password_hash)
    await work.transactions.run(lambda: credentials.replace_hash(account.id, earlier, now, is_staff=account.is_staff))


async def open_session(work: Work, desk: SignInDesk, caller: Caller, account_id: UUID, *, is_staff: bool) -> SignedIn:
    """A session for an account whose right to one is proved, unless something blocks it at this moment."""

    async def write() -> SignedIn:
        at = work.now()
        account = await accounts.locked(account_id, is_staff=is_staff)
        if account is None:
            raise wrong()
        if blocked := account.blockers(at):
            return SignedIn(blockers=blocked)
        return SignedIn.of(await sessions.begin(work, desk, caller, account_id, at, is_staff=is_staff))

    return await work.transactions.run(write)


async def step_on(
    work: Work,
    desk: SignInDesk,
    caller: Caller,
    account: Account | None,
    at: datetime,
    *,
    is_exempt: bool,
    second_factor_is_proved: bool = False,
) -> SignedIn:
    """What comes next for a (locked) account whose password is proved, inside the caller's transaction.

    `is_exempt`: a lock for failed attempts does not hold for the caller. Refusal INVALID_CREDENTIALS where one does.
    """
    blocked = account.blockers(at) if account else ()
    if account is None or (Blocker.LOCKED_OUT in blocked and not is_exempt):
        raise wrong()
    if told := what_blocks(account, at):
        return SignedIn(blockers=told)
    if account.mfa_enrolled and not second_factor_is_proved:
        return SignedIn(mfa_challenge=await _step(work, Purpose.MFA_CHALLENGE, account, at, CHALLENGE_LIVES))
    if Blocker.NEW_PASSWORD_REQUIRED in blocked or account.password_is_due(at):
        return SignedIn(password_change=await _step(work, Purpose.PASSWORD_CHANGE, account, at, PASSWORD_CHANGE_LIVES))
    return SignedIn.of(await sessions.begin(work, desk, caller, account.id, at, is_staff=account.is_staff))


def what_blocks(account: Account, at: datetime) -> tuple[Blocker, ...]:
    """What keeps an account out whose password is proved, as it is told; a lock never is."""
    blocked = account.blockers(at)
    return tuple(each for each in blocked if each is not Blocker.LOCKED_OUT) if set(blocked) - PASSED_ON_THE_WAY else ()


async def _step(work: Work, purpose: Purpose, account: Account, at: datetime, lives: timedelta) -> Step:
    row, token = mails.minted(work, purpose, account.addressee, at, lives)
    await links.store([row])
    return Step(token, row.expires_at)


async def _catch_up(work: Work, account: Account) -> None:
    """What time has brought about since the last sign-in is written now: a lock that ended, a password that expired."""
    at = work.now()
    if account.user is None or not (account.lock_is_over(at) or account.password_is_due(at)):
        return

    async def write() -> None:
        found = await events.hold_one(work, account.id)
        now = await accounts.locked(account.id, is_staff=False)
        if found is None or now is None:
            return
        held, user = found
        if now.lock_is_over(held.at):
            await events.happen(work, Event.LOCK_ENDED, held, [user])
            held = await events.hold(work, user.portal_id, [user.id])
        if now.password_is_due(held.at):
            await events.happen(work, Event.PASSWORD_EXPIRED, held, list(held.users.values()))

    await work.transactions.run(write)


def wrong() -> Refusal:
    """The one answer to everything that must not be told apart."""
    return Refusal(
        Code.INVALID_CREDENTIALS, "Login or password is not right. Check both, and the portal, and try again."
    )
