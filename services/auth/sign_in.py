"""Signing in: the password, the blockers, the second factor, the new password and the session, in this order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models import audit
from models.auth import unscoped
from models.auth.actors import Acting
from models.links import changes as link_changes
from rules.accounts import AccountKey
from rules.audit_events import AuditEventType
from rules.auth.blocker_details import BlockerDetails, details
from rules.auth.link_purposes import Purpose
from rules.auth.sign_in_blockers import Blocker
from rules.lifecycle.events import Event
from rules.messages.sign_in import SignInMessage
from rules.refusals import Refusal
from rules.text.folding import slug_key, typed_key
from services import rate_limits
from services.account_events import event_row, session_change
from services.auth import accounts, attempts, password_check, sessions
from services.auth.accounts import Account, PortalAccount
from services.auth.sessions import LiveSession
from services.lifecycle import events
from services.links import invalid_link, new_link_and_token
from services.ports import Caller, SignedAccessToken, SignInPorts
from services.runtime import Runtime

CHALLENGE_LIVES = timedelta(minutes=5)
PASSWORD_CHANGE_LIVES = timedelta(minutes=15)

NONFINAL_BLOCKERS = frozenset({Blocker.LOCKED_OUT, Blocker.NEW_PASSWORD_REQUIRED})
"""Blockers that do not end a sign-in whose password is proved.

LOCKED_OUT does not apply to known sources. NEW_PASSWORD_REQUIRED adds a step in which the owner sets a new password.
"""


@dataclass(frozen=True, slots=True)
class SignInStep:
    """The next step of a sign-in, and the token that the caller needs for the step."""

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignInResult:
    """The result of a step of a sign-in: a new session, the next step, or the blockers.

    There are blockers only if the caller has proved the password or used a link.
    """

    acting: Acting | None = None
    token: SignedAccessToken | None = None
    refresh_token: str | None = field(default=None, repr=False)
    until: datetime | None = None
    blockers: tuple[BlockerDetails, ...] = ()
    mfa_challenge: SignInStep | None = None
    password_change: SignInStep | None = None

    @classmethod
    def of(cls, living: LiveSession) -> SignInResult:
        return cls(living.acting, living.token, living.refresh_token, living.until)


async def sign_in(
    runtime: Runtime, ports: SignInPorts, caller: Caller, *, portal_slug: str | None, login: str, password: str
) -> SignInResult:
    """Check the password, and return a session, the next step or the blockers.

    `portal_slug` is None or empty for staff. Raise the same Refusal(INVALID_CREDENTIALS) for an unknown login, a wrong
    password, an unconfirmed user and a locked-out user. Raise Refusal(RATE_LIMITED), without a check of the password,
    after too many attempts or if the queue of the password hasher is full.
    """
    slug = slug_key(portal_slug)
    key = typed_key(login)
    account = await accounts.by_login(slug, key)
    typed = ("staff", key) if slug is None else ("portal", slug, key)
    async with rate_limits.count_sign_in(runtime, ports, caller, account.id if account else None):
        signed_in = await _by_password(runtime, ports, caller, account, password, typed)
    if account and account.secret.password_hash and ports.passwords.needs_rehash(account.secret.password_hash):
        runtime.transactions.start_task(lambda: _rehash(runtime, ports, caller, account, password))
    return signed_in


async def _by_password(
    runtime: Runtime, ports: SignInPorts, caller: Caller, account: Account | None, password: str, typed: tuple[str, ...]
) -> SignInResult:
    attempt = await password_check.check_at_sign_in(runtime, ports, caller, account, password, typed=typed)
    if account is None or attempt is None:
        raise wrong_credentials()

    await _update_expired_status(runtime, account)

    async def write() -> SignInResult:
        at = runtime.now()
        now = await accounts.lock(account.key)
        if now is None or now.secret.password_hash != account.secret.password_hash:
            raise wrong_credentials()  # the password was replaced during the check
        signed_in = await next_step_or_session(runtime, ports, caller, now, at, is_exempt=attempt.is_exempt)
        await attempts.reset(attempt)
        return signed_in

    async with attempts.cancel_on_error(runtime, attempt):  # a lock or a new password may have come first
        return await runtime.transactions.run(write)


async def _rehash(runtime: Runtime, ports: SignInPorts, caller: Caller, account: Account, password: str) -> None:
    """Hash a proved password with the current parameters, and replace its stored hash.

    Nothing is stored if the password was replaced meanwhile.
    """
    now = await ports.passwords.hash(password, caller.address)
    earlier = str(account.secret.password_hash)
    await runtime.transactions.run(lambda: unscoped.replace_hash(account.key, earlier, now))


async def open_session(runtime: Runtime, ports: SignInPorts, caller: Caller, key: AccountKey) -> SignInResult:
    """Open a session of the account without a password or second factor. Return the session, or the blockers.

    Call this function only after an invitation was accepted, or for a command of the operator. Raise
    Refusal(INVALID_TOKEN) if the account is deleted.
    """

    async def write() -> SignInResult:
        at = runtime.now()
        account = await accounts.lock(key)
        if account is None:
            raise invalid_link(Purpose.INVITATION)
        if blocked := account.blockers(at):
            return SignInResult(blockers=_details(account, blocked))
        return await _session(runtime, ports, caller, key, at)

    return await runtime.transactions.run(write)


async def next_step_or_session(
    runtime: Runtime,
    ports: SignInPorts,
    caller: Caller,
    account: Account | None,
    at: datetime,
    *,
    is_exempt: bool,
    second_factor_is_proved: bool = False,
) -> SignInResult:
    """Continue a sign-in with a proved password. Return the blockers, the next step or a new session.

    `is_exempt` states whether the attempt is exempt from lockouts. Requires a transaction that has locked the account.
    Raise Refusal(INVALID_CREDENTIALS) if `account` is None, or if a lockout applies.
    """
    blocked = account.blockers(at) if account else ()
    if account is None or (Blocker.LOCKED_OUT in blocked and not is_exempt):
        raise wrong_credentials()
    if shown := final_blockers(account, at):
        return SignInResult(blockers=shown)
    if account.mfa_enrolled and not second_factor_is_proved:
        return SignInResult(mfa_challenge=await _step(runtime, Purpose.MFA_CHALLENGE, account, at, CHALLENGE_LIVES))
    if Blocker.NEW_PASSWORD_REQUIRED in blocked or account.password_is_due(at):
        return SignInResult(
            password_change=await _step(runtime, Purpose.PASSWORD_CHANGE, account, at, PASSWORD_CHANGE_LIVES)
        )
    return await _session(runtime, ports, caller, account.key, at)


async def _session(runtime: Runtime, ports: SignInPorts, caller: Caller, key: AccountKey, at: datetime) -> SignInResult:
    """Begin a session as `sessions.begin` does, and write the audit event."""
    living = await sessions.begin(runtime, ports, caller, key, at)
    actor = living.acting.actor
    change = session_change(actor.session_id, begins=True)
    signed_in = event_row(runtime, AuditEventType.SIGNED_IN, actor, at, by_owner=True, changes=[change])
    await audit.record([signed_in])
    return SignInResult.of(living)


def final_blockers(account: Account, at: datetime) -> tuple[BlockerDetails, ...]:
    """Return the blockers that end the sign-in, or an empty tuple if the sign-in continues.

    The sign-in continues if all of the account's blockers are in NONFINAL_BLOCKERS. LOCKED_OUT is never returned.
    """
    blocked = account.blockers(at)
    if not set(blocked) - NONFINAL_BLOCKERS:
        return ()
    return _details(account, [each for each in blocked if each is not Blocker.LOCKED_OUT])


def _details(account: Account, codes: Sequence[Blocker]) -> tuple[BlockerDetails, ...]:
    if isinstance(account, PortalAccount):
        return details(codes, account.user, account.policy)
    return tuple(BlockerDetails(code) for code in codes)


async def _step(runtime: Runtime, purpose: Purpose, account: Account, at: datetime, lives: timedelta) -> SignInStep:
    row, token = new_link_and_token(runtime, purpose, account.key, at, lives)
    await link_changes.store([row])
    return SignInStep(token, row.expires_at)


async def _update_expired_status(runtime: Runtime, account: Account) -> None:
    """Write the new status of a portal user whose lock has ended or whose password has expired."""
    at = runtime.now()
    if not isinstance(account, PortalAccount) or not (account.lock_is_over(at) or account.password_is_due(at)):
        return

    async def write() -> None:
        found = await events.lock_user(runtime, account.id)
        now = await accounts.lock(account.key)
        if found is None or now is None:
            return
        locked, user = found
        if now.lock_is_over(locked.at):
            await events.apply_event(runtime, Event.LOCK_ENDED, locked, [user])
            locked = await events.lock_users(runtime, user.portal_id, [user.id])
        if now.password_is_due(locked.at):
            await events.apply_event(runtime, Event.PASSWORD_EXPIRED, locked, list(locked.users.values()))

    await runtime.transactions.run(write)


def wrong_credentials() -> Refusal:
    """Return the Refusal(INVALID_CREDENTIALS) of a sign-in. The refusal is the same for every reason."""
    return Refusal(SignInMessage.WRONG_LOGIN)
