"""Sessions: begun once the right to one is proved, prolonged by refresh tokens, ended by their owner."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from models import actors, attempts, credentials, refresh_tokens, sessions
from models.refresh_tokens import FamilyRow, RefreshRow
from rules.access import Actor
from rules.mail_kinds import MailKind
from rules.refusals import Code, Refusal
from services import accounts, events, mails
from services.attempts import sources_of
from services.desk import Caller, SignInDesk, Token
from services.link_tokens import token_hash
from services.mails import Notice
from services.work import Work

IDLE = timedelta(hours=12)
"""A session that is not refreshed for so long is over."""

LONGEST = timedelta(days=30)
"""No session is prolonged beyond this, however often it is refreshed."""

AGAIN = timedelta(seconds=10)
"""For so long a replaced refresh token gives its one successor again: an answer may get lost on its way."""

REFRESH = "REFRESH"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Living:
    """A session as its owner is handed it; `until` is its end if it is not refreshed."""

    actor: Actor
    token: Token
    refresh_token: str = field(repr=False)
    until: datetime


async def begin(work: Work, desk: SignInDesk, caller: Caller, id: UUID, at: datetime, *, is_staff: bool) -> Living:
    """A session for a (locked) account whom nothing blocks; where it came from is a known source from now on."""
    session_id, until = work.new_id(), at + IDLE
    await credentials.open_session(
        session_id,
        staff_id=id if is_staff else None,
        user_id=None if is_staff else id,
        at=at,
        until=until,
        agent=caller.user_agent,
        address=caller.address,
    )
    row, refresh_token = _minted(work, session_id, at)
    await refresh_tokens.store(row)
    await attempts.remember(work.new_id(), id, sources_of(desk, caller)[0], at, is_staff=is_staff)
    actor = await actors.acting(id, session_id, at)
    if actor is None:
        raise Refusal(Code.UNAUTHENTICATED, "Your access has ended. Sign in again.")
    return Living(actor, desk.tokens.issue(id, session_id, at, work.new_id()), refresh_token, until)


async def refresh(work: Work, desk: SignInDesk, caller: Caller, token: str) -> Living:
    """A new access token and the refresh token's one successor; Refusal INVALID_TOKEN.

    A token that was replaced longer ago than AGAIN was copied: its session ends, and the owner is told by mail. Nobody
    guesses one, so tries are not counted: whoever is signed in stays so, whatever others of the network do.
    """

    async def write() -> Living | FamilyRow | None:
        family = await refresh_tokens.lock_family(token_hash(token))
        row = await refresh_tokens.by_hash(token_hash(token))
        at = work.now()
        if family is None or row is None or family.revoked_at is not None or family.expires_at <= at:
            return None
        if row.replaced_at is not None and at >= row.replaced_at + AGAIN:
            return family
        account_id = family.staff_id or family.user_id
        actor = await actors.acting(account_id, family.id, at) if account_id else None
        if actor is None:
            return None

        successor = await _successor(work, row, at)
        until = min(at + IDLE, family.created_at + LONGEST)
        await refresh_tokens.prolong(family.id, at, until)
        return Living(actor, desk.tokens.issue(actor.id, family.id, at, work.new_id()), successor, until)

    living = await work.transactions.run(write)
    if isinstance(living, FamilyRow):
        await _end_copied(work, living)
    if not isinstance(living, Living):
        raise Refusal(
            Code.INVALID_TOKEN,
            "This session has ended, or its token was used before. Sign in again.",
            path=("refreshToken",),
        )
    return living


async def sign_out(work: Work, actor: Actor, session_id: UUID | None, *, everywhere: bool) -> None:
    """Ends the actor's present session, that one of his own, or all of them; Refusal NOT_FOUND."""

    async def write() -> bool:
        one = None if everywhere else session_id or actor.session_id
        return await sessions.end_own(actor, work.now(), one)

    ended = await work.transactions.run(write)
    if not ended and session_id is not None:
        raise no_such_session()


def no_such_session() -> Refusal:
    """The same for one that ended, a stranger's, and one that never was."""
    return Refusal(Code.NOT_FOUND, "You have no such session any more. Refresh the list.", path=("sessionId",))


async def _successor(work: Work, row: RefreshRow, at: datetime) -> str:
    """The token that is good instead: a new one, or where a faster tab made one already, the newest of the family."""
    if row.replaced_by is not None:
        return _token_of(work, await refresh_tokens.living_of(row.session_id))
    successor, token = _minted(work, row.session_id, at)
    await refresh_tokens.replace(row, successor, at)
    return token


async def _end_copied(work: Work, family: FamilyRow) -> None:
    """Ends the session, and tells the owner, in the order in which everybody locks: portal, account, session."""
    account_id, is_staff = family.staff_id or family.user_id, family.staff_id is not None

    async def write() -> None:
        if account_id is None or (not is_staff and await events.hold_one(work, account_id) is None):
            return
        account, at = await accounts.locked(account_id, is_staff=is_staff), work.now()
        await refresh_tokens.revoke_family(family.id, at)
        if account and account.address:
            notice = Notice(account.addressee, MailKind.SESSION_COPIED, account.address, about=str(family.id))
            await mails.notify(work, [notice], at)

    await work.transactions.run(write)


def _minted(work: Work, session_id: UUID, at: datetime) -> tuple[RefreshRow, str]:
    id, nonce = work.new_id(), work.secret(16).hex()
    token = work.links.token(REFRESH, id, nonce)
    return RefreshRow(id, session_id, nonce, token_hash(token), at), token


def _token_of(work: Work, row: RefreshRow) -> str:
    """The token, derived anew; Refusal INVALID_TOKEN where the server lacks the key that it was made with."""
    for token in work.links.tokens(REFRESH, row.id, row.nonce):
        if token_hash(token) == row.token_hash:
            return token
    log.error("session.key_unknown", session_id=str(row.session_id))
    raise Refusal(
        Code.INVALID_TOKEN,
        "This token was replaced a moment ago, by a server with another key. Use the newest one, or sign in again.",
        path=("refreshToken",),
    )
