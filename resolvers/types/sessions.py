"""Sessions, as their owner sees them: listed, prolonged, ended."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from models.auth import sessions as stored
from models.auth.sessions import OwnSessionRow
from resolvers.core.access import root_field
from resolvers.core.context import Info
from resolvers.core.global_ids import global_id, id_of
from resolvers.core.node import Node
from resolvers.mutations.sign_in import SignInPayload, shown
from resolvers.types.accounts import AccountPayload, account
from rules.refusals import Code, Refusal
from services.auth import sessions
from services.auth.sign_in import SignedIn


@strawberry.type(description="A place where somebody is signed in: one sign-in that lives. Seen by its owner only.")
class AccountSession(Node):
    created_at: datetime = strawberry.field(description="When the owner signed in.")
    last_used_at: datetime = strawberry.field(
        description="When it was last refreshed (refreshSession); at first the sign-in."
    )
    user_agent: str | None = strawberry.field(
        description="The browser as it named itself when signing in, at most 200 characters; null when it did not."
    )
    ip_address: str | None = strawberry.field(description="Where the sign-in came from; null when not known.")
    is_current: bool = strawberry.field(description="Whether it is the session of this very request.")

    @classmethod
    def of(cls, row: OwnSessionRow, current: UUID) -> AccountSession:
        return cls(
            id=global_id("AccountSession", row.id),
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            user_agent=row.user_agent,
            ip_address=row.ip_address,
            is_current=row.id == current,
        )


async def sessions_of(info: Info, account_id: UUID) -> list[AccountSession] | None:
    """The viewer's own living sessions, newest first; None for anybody else's."""
    actor = info.context.account
    if actor.id != account_id:
        return None
    return [AccountSession.of(row, actor.session_id) for row in await stored.living(actor, info.context.now())]


async def session(info: Info, id: UUID) -> AccountSession | None:
    """One of the viewer's own living sessions."""
    row = await info.context.loaders.sessions.load((id, info.context.now()))
    return AccountSession.of(row, info.context.account.session_id) if row else None


@strawberry.input(description="What to prolong a session by.")
class RefreshSessionInput:
    refresh_token: str | None = strawberry.field(
        default=None, description="`Session.refreshToken` of the last answer. Absent where it is kept in a cookie."
    )


@strawberry.input(description="What to sign out. Nothing given: this session.")
class SignOutInput:
    session_id: strawberry.ID | None = strawberry.field(
        default=None, description="One of the viewer's own sessions, from `Account.sessions`. Absent: this one."
    )
    everywhere: bool = strawberry.field(
        default=False, description="Every session of the viewer, this one too. Not together with sessionId."
    )


@strawberry.type
class SessionMutations:
    @root_field(
        "A new access token for a session that lives, and the refresh token to keep in place of the one sent. The one"
        " sent is good again (an answer got lost) until its successor has been used; sent later it counts as copied:"
        " the session ends and its owner is told by mail. A token younger than 30 seconds is answered unchanged. A"
        " session lives for 12 hours after the last refresh, 30 days at most. Errors: INVALID_TOKEN (none, wrong, used up, or the session or the account's"
        " access has ended): sign in. With the header `Gatehouse-Refresh: cookie` the token is read"
        " from the cookie, and the new one put there. Works without an access token, and with any."
    )
    async def refresh_session(
        self,
        info: Info,
        input: Annotated[RefreshSessionInput, strawberry.argument(description="The token, unless in a cookie.")],
    ) -> SignInPayload | None:
        context = info.context
        token = input.refresh_token or context.cookie.received or ""
        try:
            living = await sessions.refresh(context.runtime, context.ports, context.caller, token)
        except Refusal as no:
            if context.cookie.is_asked_for:
                context.cookie.clear()
            return SignInPayload.refused(no)
        return await shown(info, SignedIn.of(living))

    @root_field(
        "Ends this session, another one of the viewer's, or all of them, at once; access tokens of an ended session"
        " are dead, too. Errors: NOT_FOUND (no such session of the viewer's lives), INVALID_INPUT. Takes the refresh"
        " token's cookie away where this session ends and the header `Gatehouse-Refresh: cookie` is sent."
    )
    async def sign_out(
        self, info: Info, input: Annotated[SignOutInput, strawberry.argument(description="Which session.")]
    ) -> AccountPayload | None:
        context = info.context
        actor = context.account
        session_id = id_of("AccountSession", input.session_id)
        try:
            if input.session_id is not None and input.everywhere:
                raise Refusal(Code.INVALID_INPUT, "Give sessionId or everywhere, not both.", path=("sessionId",))
            if input.session_id is not None and session_id is None:
                raise sessions.no_such_session()
            await sessions.sign_out(context.runtime, actor, session_id, everywhere=input.everywhere)
        except Refusal as no:
            return AccountPayload.refused(no)
        finally:
            context.forget()
        if context.cookie.is_asked_for and session_id in (None, actor.session_id):
            context.cookie.clear()
        return AccountPayload(account=await account(info, actor.id), errors=[])
