"""Sessions: begun by a sign-in, prolonged by refresh tokens, ended by their owner."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from models.auth import actors, attempts, refresh_tokens, sessions, unscoped
from models.auth.refresh_tokens import FamilyRow
from models.users import idle_periods
from rules.access import Actor
from rules.accounts import AccountKey
from rules.housekeeping import MOST_SESSIONS
from rules.mail.kinds import MailKind
from rules.refusals import Code, Refusal
from rules.security_events import SecurityEvent
from services.auth import accounts
from services.auth.attempts import sources_of
from services.lifecycle import events
from services.mail import notifications
from services.mail.notifications import Notification
from services.ports import Caller, SignInPorts, Token
from services.runtime import Runtime

IDLE = timedelta(hours=12)
"""A session ends this long after its last refresh."""

LONGEST = timedelta(days=30)
"""No session is prolonged beyond this, however often it is refreshed."""

MINIMUM_AGE = timedelta(seconds=30)
"""A refresh token younger than this is not replaced: it is answered again, also to the token that it replaced. The first
token of a session is always replaced."""

SIGN_OF_LIFE_EVERY = timedelta(days=1)
"""How often the refreshes of a user's sessions begin a new idle period."""

REFRESH = "REFRESH"

_TOKEN = re.compile(r"([0-9a-f]{32})\.(0|[1-9][0-9]{0,8})\.([A-Za-z0-9_-]{20,100})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Living:
    """An active session with its tokens; `until` is its end if it is not refreshed."""

    actor: Actor
    token: Token
    refresh_token: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class _Presented:
    """The parts of a refresh token as it was sent; not checked yet."""

    session_id: UUID
    generation: int
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Refreshed:
    """The refreshed session, and its row before the refresh."""

    living: Living
    family: FamilyRow


async def begin(runtime: Runtime, ports: SignInPorts, caller: Caller, account: AccountKey, at: datetime) -> Living:
    """Return a session for a (locked) account that nothing blocks; its source is a known one from now on.

    Beyond MOST_SESSIONS the account's oldest sessions end.
    """
    session_id, until, nonce = runtime.new_id(), at + IDLE, runtime.secret(16).hex()
    await unscoped.open_session(
        session_id,
        account,
        at=at,
        until=until,
        agent=caller.user_agent,
        address=caller.address,
        nonce=nonce,
    )
    await sessions.end_all_but(MOST_SESSIONS, account, session_id, at)
    await attempts.remember(runtime.new_id(), account, sources_of(ports, caller)[0], at)
    actor = await actors.acting(account.id, session_id, at)
    if actor is None:
        raise Refusal(Code.UNAUTHENTICATED, "Your access has ended. Sign in again.")
    return Living(
        actor,
        ports.tokens.issue(account.id, session_id, at, runtime.new_id()),
        _token(runtime, session_id, nonce, 0),
        until,
    )


async def refresh(runtime: Runtime, ports: SignInPorts, caller: Caller, token: str) -> Living:
    """Return a new access token and the refresh token that is good from now on, or raise Refusal(INVALID_TOKEN).

    Good are the session's newest token and the one that it replaced, whose answer may have been lost. Any other token
    of the session was copied: the session ends, and its owner is notified. Attempts are not counted, because no caller
    guesses a token.
    """
    presented = _taken_apart(token)

    async def write() -> _Refreshed | FamilyRow | None:
        family = await refresh_tokens.lock_family(presented.session_id) if presented else None
        at = runtime.now()
        if presented is None or family is None or family.revoked_at is not None or family.expires_at <= at:
            return None
        if not _is_genuine(runtime, family, presented):
            return None
        if presented.generation not in (family.generation, family.parent):
            return family
        actor = await actors.acting(family.owner.id, family.id, at)
        if actor is None:
            return None

        generation, until = family.generation, family.expires_at
        if not _is_young(family, at):
            until = min(at + IDLE, family.created_at + LONGEST)
            generation = await refresh_tokens.rotate(family, presented.generation, at, until)
        successor = _token(runtime, family.id, family.nonce or "", generation)
        access_token = ports.tokens.issue(actor.id, family.id, at, runtime.new_id())
        return _Refreshed(Living(actor, access_token, successor, until), family)

    result = await runtime.transactions.run(write)
    if isinstance(result, FamilyRow):
        await _end_copied(runtime, result)
        runtime.security.note(SecurityEvent.REFRESH_TOKEN_REUSED, account_id=result.owner.id, session_id=result.id)
    if not isinstance(result, _Refreshed):
        raise Refusal(
            Code.INVALID_TOKEN,
            "This session has ended, or its token was used before. Sign in again.",
            path=("refreshToken",),
        )
    await _note_sign_of_life(runtime, result.family)
    return result.living


async def sign_out(runtime: Runtime, actor: Actor, session_id: UUID | None, *, everywhere: bool) -> None:
    """End the actor's present session, another of the actor's sessions, or all of them.

    Raise Refusal(NOT_FOUND) if the actor has no such active session.
    """

    async def write() -> bool:
        one = None if everywhere else session_id or actor.session_id
        return await sessions.end_own(actor, runtime.now(), one)

    ended = await runtime.transactions.run(write)
    if not ended and session_id is not None:
        raise no_such_session()


def no_such_session() -> Refusal:
    """Return the one Refusal for a session that has ended, belongs to another account, or never existed."""
    return Refusal(Code.NOT_FOUND, "You have no such session any more. Refresh the list.", path=("sessionId",))


def _is_young(family: FamilyRow, at: datetime) -> bool:
    """Return whether the session's newest token is younger than MINIMUM_AGE by either of two clocks that differ."""
    return family.generation > 0 and abs(at - family.last_used_at) < MINIMUM_AGE


async def _note_sign_of_life(runtime: Runtime, family: FamilyRow) -> None:
    """Note that a portal user is not idle; in a transaction of its own, because users are locked before sessions."""
    user_id, at = family.user_id, runtime.now()
    if user_id is None or (family.idle_since is not None and at < family.idle_since + SIGN_OF_LIFE_EVERY):
        return
    await runtime.transactions.run(lambda: idle_periods.note_sign_of_life(user_id, at))


async def _end_copied(runtime: Runtime, family: FamilyRow) -> None:
    """End the session and notify its owner. Rows are locked in the usual order: portal, account, session."""

    async def write() -> None:
        if family.user_id is not None and await events.hold_one(runtime, family.user_id) is None:
            return
        account, at = await accounts.locked(family.owner), runtime.now()
        await refresh_tokens.revoke_family(family.id, at)
        if account and account.address:
            notice = Notification(account.row, MailKind.SESSION_COPIED, account.address, about=str(family.id))
            await notifications.enqueue_notifications(runtime, [notice], at)

    await runtime.transactions.run(write)


def _token(runtime: Runtime, session_id: UUID, nonce: str, generation: int) -> str:
    secret = runtime.links.token(REFRESH, session_id, f"{nonce}:{generation}")
    return f"{session_id.hex}.{generation}.{secret}"


def _taken_apart(token: str) -> _Presented | None:
    found = _TOKEN.fullmatch(token)
    return _Presented(UUID(found[1]), int(found[2]), found[3]) if found else None


def _is_genuine(runtime: Runtime, family: FamilyRow, presented: _Presented) -> bool:
    """Return whether this server made the token, with any of the keys that it knows."""
    if family.nonce is None or presented.generation > family.generation:
        return False
    known = runtime.links.tokens(REFRESH, family.id, f"{family.nonce}:{presented.generation}")
    return any(compare_digest(token, presented.secret) for token in known)
