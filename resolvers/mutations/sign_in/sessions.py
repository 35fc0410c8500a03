"""Refresh and end sessions."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.duration_text import duration_text
from resolvers.core.global_ids import id_of
from resolvers.mutations.account.account_payload import AccountPayload
from resolvers.mutations.sign_in.sign_in_payload import SignInPayload, session_payload
from resolvers.types.accounts.account_lookup import find_account
from rules.messages.sign_in import SignInMessage
from rules.refusals import Refusal
from services.auth import sessions
from services.auth.sessions import IDLE, LONGEST, MINIMUM_AGE
from services.auth.sign_in import SignInResult


@strawberry.input(description="The session to refresh.")
class RefreshSessionInput:
    refresh_token: str | None = strawberry.field(
        default=None, description="The `Session.refreshToken` of the last answer. Omit it if it is in the cookie."
    )


@strawberry.input(description="The sessions to end. Without a field: this session.")
class SignOutInput:
    session_id: strawberry.ID | None = strawberry.field(
        default=None, description="One of the viewer's sessions, from `Account.sessions`. Null or empty: this session."
    )
    everywhere: bool = strawberry.field(
        default=False, description="End every session of the viewer, this one included. Not with `sessionId`."
    )


@strawberry.type
class SessionMutations:
    @access_checked_field(
        "Refresh a session: return a new access token, and the refresh token to send next time. Earlier access tokens of the session"
        " stay valid until they expire.\n"
        "- If the answer was lost, send the same refresh token again. It is accepted until a call with the token that"
        " replaced it has returned yet another one. If it is sent after that, it counts as stolen: the session ends, and a notice is mailed to the owner.\n"
        f"- Tabs may refresh at the same time: for {duration_text(MINIMUM_AGE)} after a refresh, each call with the new refresh token,"
        " or with the one before it, returns the same new one with another access token.\n"
        f"- A session ends {duration_text(IDLE)} after the last refresh that changed the refresh token, and after"
        f" {duration_text(LONGEST)} at the latest.\n\n"
        "With the header `Gatehouse-Refresh: cookie` the token is read from the cookie, and the new one is set there. Requires no"
        " access token. Errors: INVALID_TOKEN (the token is missing, wrong or used up, or the session or the account's access has"
        " ended): sign in."
    )
    async def refresh_session(
        self,
        info: Info,
        input: Annotated[
            RefreshSessionInput, strawberry.argument(description="The refresh token, unless it is in a cookie.")
        ],
    ) -> SignInPayload | None:
        context = info.context
        token = input.refresh_token or context.cookie.received or ""
        try:
            session = await sessions.refresh(context.runtime, context.ports, context.caller, token)
        except Refusal as refusal:
            if context.cookie.is_asked_for:
                context.cookie.clear()
            return SignInPayload.refused(refusal)
        return await session_payload(info, SignInResult.of(session))

    @access_checked_field(
        "End this session, another one of the viewer's, or all of them. Takes effect at once: the access"
        " tokens of an ended session are refused. The payload has the account in each case. With the header"
        " `Gatehouse-Refresh: cookie` the cookie is removed if this session ends. If the access token has expired, call"
        " refreshSession first: it removes the cookie itself if the session has ended. Errors: NOT_FOUND (the viewer has no"
        " such session), INVALID_INPUT (both fields are given)."
    )
    async def sign_out(
        self, info: Info, input: Annotated[SignOutInput, strawberry.argument(description="The sessions to end.")]
    ) -> AccountPayload | None:
        context = info.context
        actor = context.account
        named = input.session_id or None
        session_id = id_of("AccountSession", named)
        try:
            if named and input.everywhere:
                raise Refusal(SignInMessage.SESSION_OR_ALL, path=("sessionId",))
            if named and session_id is None:
                raise sessions.no_such_session()
            await sessions.sign_out(context.runtime, actor, session_id, everywhere=input.everywhere)
        except Refusal as refusal:
            return AccountPayload.refused(refusal)
        finally:
            context.forget()
        if context.cookie.is_asked_for and session_id in (None, actor.session_id):
            context.cookie.clear()
        return AccountPayload(account=await find_account(info, actor.id), errors=[])
