"""Refresh and end sessions."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import root_field
from resolvers.core.context import Info
from resolvers.core.global_ids import id_of
from resolvers.mutations.account.account_payload import AccountPayload
from resolvers.mutations.sign_in.sign_in_payload import SignInPayload, shown
from resolvers.types.accounts.account_lookup import find_account
from rules.refusals import Code, Refusal
from services.auth import sessions
from services.auth.sign_in import SignedIn


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
        " the session ends and its owner is told by mail. A token that replaced another less than"
        " 30 seconds ago is answered unchanged; the first token of a session is always replaced. A session lives for 12 hours after the last refresh, 30 days at most. Errors: INVALID_TOKEN (none, wrong, used up, or the session or the account's"
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
        return AccountPayload(account=await find_account(info, actor.id), errors=[])
