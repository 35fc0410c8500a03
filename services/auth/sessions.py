"""Sessions. A sign-in begins a session, a refresh token prolongs the session, and a sign-out ends the session."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from models import audit
from models.auth import actors, attempts, refresh_token_rotation, sessions, unscoped
from models.auth.actors import Acting
from models.auth.refresh_token_rotation import RefreshSessionRow
from models.users import idle_columns
from rules.access import Actor, access_ended
from rules.accounts import AccountKey
from rules.audit_events import AuditEventType
from rules.housekeeping import MOST_SESSIONS
from rules.mail.kinds import MailKind
from rules.messages.sign_in import SignInMessage
from rules.refusals import Refusal
from rules.security_events import SecurityEvent
from services.account_events import event_row, session_change
from services.auth import accounts
from services.auth.attempts import sources_of
from services.lifecycle import events
from services.mail import notifications
from services.mail.notifications import Notification
from services.ports import Caller, SignedAccessToken, SignInPorts
from services.runtime import Runtime

IDLE = timedelta(hours=12)
"""How long a session lasts after its last refresh."""

LONGEST = timedelta(days=30)
"""The maximum duration of a session. Refreshes do not extend it."""

MINIMUM_AGE = timedelta(seconds=30)
"""A refresh creates a new refresh token only if the session's newest token has at least this age.

Otherwise the refresh returns the newest token again. The first token of a session is replaced at any age.
"""

ACTIVITY_RECORDED_EVERY = timedelta(days=1)
"""The minimum time between two writes of a user's `idle_since` by refreshes."""

REFRESH = "REFRESH"

_TOKEN = re.compile(r"([0-9a-f]{32})\.(0|[1-9][0-9]{0,8})\.([A-Za-z0-9_-]{20,100})", re.ASCII)


@dataclass(frozen=True, slots=True)
class LiveSession:
    """An active session with its tokens. The session ends at `until` unless it is refreshed before."""

    acting: Acting
    token: SignedAccessToken
    refresh_token: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class _Presented:
    """The parts of a refresh token from a request, before the token is verified."""

    session_id: UUID
    generation: int
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Refreshed:
    """The result of a refresh: `session` is the row before the refresh, and `living` is the session afterwards."""

    living: LiveSession
    session: RefreshSessionRow


async def begin(runtime: Runtime, ports: SignInPorts, caller: Caller, account: AccountKey, at: datetime) -> LiveSession:
    """Begin a session of the account and return the session.

    The caller's network becomes a known source of the account. If the account then has more than MOST_SESSIONS
    sessions, its oldest sessions end. Requires the account to be locked and to have no blockers. Raise
    Refusal(UNAUTHENTICATED) if the account has no access.
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
    await sessions.end_oldest(MOST_SESSIONS, account, session_id, at)
    await attempts.remember_source(runtime.new_id(), account, sources_of(ports, caller)[0], at)
    acting = await actors.acting_with_row(account.id, session_id, at)
    if acting is None:
        raise access_ended()
    return LiveSession(
        acting,
        ports.tokens.issue(account.id, session_id, at, runtime.new_id()),
        _token(runtime, session_id, nonce, 0),
        until,
    )


async def refresh(runtime: Runtime, ports: SignInPorts, caller: Caller, token: str) -> LiveSession:
    """Exchange a refresh token for a new access token and the session's newest refresh token.

    The newest token and the token before it are valid, because a response can get lost. An older token must be a copy:
    the session ends, and its owner is notified by mail. Raise Refusal(INVALID_TOKEN) if the token is not valid or the
    session has ended.
    """
    presented = _taken_apart(token)  # attempts are not limited, because a token cannot be guessed

    async def write() -> _Refreshed | RefreshSessionRow | None:
        locked = await refresh_token_rotation.lock_session(presented.session_id) if presented else None
        at = runtime.now()
        if presented is None or locked is None:
            return None
        session = locked.session
        if session.revoked_at is not None or session.expires_at <= at:
            return None
        if not _is_genuine(runtime, session, presented):
            return None
        if presented.generation not in (session.generation, session.parent):
            return session
        acting = locked.acting(at)
        if acting is None:
            return None

        generation, until = session.generation, session.expires_at
        if not _is_young(session, at):
            until = min(at + IDLE, session.created_at + LONGEST)
            generation = await refresh_token_rotation.rotate(session, presented.generation, at, until)
        successor = _token(runtime, session.id, session.nonce or "", generation)
        access_token = ports.tokens.issue(acting.actor.id, session.id, at, runtime.new_id())
        return _Refreshed(LiveSession(acting, access_token, successor, until), session)

    result = await runtime.transactions.run(write)
    if isinstance(result, RefreshSessionRow):
        await _end_copied(runtime, result)
        runtime.security.note(SecurityEvent.REFRESH_TOKEN_REUSED, account_id=result.owner.id, session_id=result.id)
    if not isinstance(result, _Refreshed):
        raise Refusal(SignInMessage.SESSION_ENDED, path=("refreshToken",))
    await _record_activity(runtime, result.session)
    return result.living


async def sign_out(runtime: Runtime, actor: Actor, session_id: UUID | None, *, everywhere: bool) -> None:
    """End one session or all sessions of the actor.

    If `everywhere` is true, all sessions end. Otherwise the session `session_id` ends, or the current session if
    `session_id` is None. Raise Refusal(NOT_FOUND) if `session_id` is not an active session of the actor.
    """

    async def write() -> bool:
        one, at = None if everywhere else session_id or actor.session_id, runtime.now()
        changes = [session_change(ended, begins=False) for ended in await sessions.end_own(actor, at, one)]
        if changes:
            await audit.record(
                [event_row(runtime, AuditEventType.SIGNED_OUT, actor, at, by_owner=True, changes=changes)]
            )
        return bool(changes)

    ended = await runtime.transactions.run(write)
    if not ended and session_id is not None:
        raise no_such_session()


def no_such_session() -> Refusal:
    """Return the Refusal(NOT_FOUND) for a session id that is not an active session of the actor.

    The refusal does not tell whether the session has ended, belongs to another account, or never existed.
    """
    return Refusal(SignInMessage.NO_SUCH_SESSION, path=("sessionId",))


def _is_young(session: RefreshSessionRow, at: datetime) -> bool:
    """Return whether the newest refresh token is younger than MINIMUM_AGE. The session's first token is never young.

    The clock of another server can be ahead, so a token that was made less than MINIMUM_AGE after `at` is young too.
    """
    return session.generation > 0 and abs(at - session.last_used_at) < MINIMUM_AGE


async def _record_activity(runtime: Runtime, session: RefreshSessionRow) -> None:
    """Begin a new idle period of the session's user, at most once in ACTIVITY_RECORDED_EVERY. Ignore staff.

    The write has its own transaction, because every transaction must lock users before sessions.
    """
    user_id, at = session.user_id, runtime.now()
    if user_id is None or (session.idle_since is not None and at < session.idle_since + ACTIVITY_RECORDED_EVERY):
        return
    await runtime.transactions.run(lambda: idle_columns.start_idle_period(user_id, at))


async def _end_copied(runtime: Runtime, session: RefreshSessionRow) -> None:
    """End a session whose refresh token was copied, and notify the session's owner.

    The rows are locked in the order portal, account, session.
    """

    async def write() -> None:
        if session.user_id is not None and await events.lock_user(runtime, session.user_id) is None:
            return
        account, at = await accounts.lock(session.owner), runtime.now()
        await refresh_token_rotation.revoke_session(session.id, at)
        if account and account.address:
            notice = Notification(account.row, MailKind.SESSION_COPIED, account.address, about=str(session.id))
            await notifications.enqueue_notifications(runtime, [notice], at)

    await runtime.transactions.run(write)


def _token(runtime: Runtime, session_id: UUID, nonce: str, generation: int) -> str:
    secret = runtime.links.token(REFRESH, session_id, f"{nonce}:{generation}")
    return f"{session_id.hex}.{generation}.{secret}"


def _taken_apart(token: str) -> _Presented | None:
    found = _TOKEN.fullmatch(token)
    return _Presented(UUID(found[1]), int(found[2]), found[3]) if found else None


def _is_genuine(runtime: Runtime, session: RefreshSessionRow, presented: _Presented) -> bool:
    """Return whether a configured key made the refresh token for this session."""
    if session.nonce is None or presented.generation > session.generation:
        return False
    known = runtime.links.tokens(REFRESH, session.id, f"{session.nonce}:{presented.generation}")
    return any(compare_digest(token, presented.secret) for token in known)
