"""Signing in."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.accounts import Account, account
from resolvers.context import Info
from resolvers.errors import UserError
from resolvers.gate import ask
from rules.refusals import Refusal
from rules.signing_in import Blocker
from services import sign_in
from services.desk import Caller
from services.sign_in import SignedIn


@strawberry.input(description="Who signs in, and the proof.")
class SignInInput:
    login: str = strawberry.field(description="E-mail or username, without regard to case.")
    password: str = strawberry.field(description="The password.")
    portal_slug: str | None = strawberry.field(
        default=None, description="The portal that the account belongs to. Absent for MSSP staff."
    )


@strawberry.type(description="A living sign-in. Send `Authorization: Bearer <accessToken>` with every request.")
class Session:
    access_token: str = strawberry.field(description="For the Authorization header. Keep it in memory only.")
    expires_in: int = strawberry.field(description="Seconds until the access token runs out.")
    refresh_token: str | None = strawberry.field(
        description="For a new access token. Null in this version: sign in again instead."
    )
    viewer: Account = strawberry.field(description="Who is signed in now.")


@strawberry.type(description="A session, or why there is none.")
class SignInPayload:
    session: Session | None = strawberry.field(description="Null unless signed in.")
    blockers: list[Blocker] = strawberry.field(
        description="Why nobody is signed in although the password or the link was right; empty until that is proved."
    )
    errors: list[UserError] = strawberry.field(
        description="INVALID_CREDENTIALS: login or password is wrong, or the account is locked or unconfirmed; which, is"
        " not told. RATE_LIMITED: too many tries; see retryAt. Empty when the password was right."
    )

    @classmethod
    def refused(cls, no: Refusal) -> SignInPayload:
        return cls(session=None, blockers=[], errors=[UserError.of(no)])


@strawberry.type
class SignInMutations:
    @ask("Signs in with a password. Works without a token, and with any.")
    async def sign_in(
        self,
        info: Info,
        input: Annotated[SignInInput, strawberry.argument(description="Who signs in, and the proof.")],
    ) -> SignInPayload | None:
        context = info.context
        try:
            signed_in = await sign_in.sign_in(
                context.work,
                context.desk,
                Caller(context.address, context.user_agent),
                portal_slug=input.portal_slug,
                login=input.login,
                password=input.password,
            )
        except Refusal as no:
            return SignInPayload.refused(no)
        return await shown(info, signed_in)


async def shown(info: Info, signed_in: SignedIn) -> SignInPayload:
    """The payload of whatever may end with a session; what lies below it is shown as the new account sees it."""
    return SignInPayload(session=await _session(info, signed_in), blockers=list(signed_in.blockers), errors=[])


async def _session(info: Info, signed_in: SignedIn) -> Session | None:
    if signed_in.actor is None or signed_in.token is None:
        return None
    info.context.show_as(signed_in.actor)
    viewer = await account(info, signed_in.actor.id)
    assert viewer is not None  # noqa: S101  # everybody sees himself
    return Session(
        access_token=signed_in.token.text,
        expires_in=signed_in.token.expires_in_seconds,
        refresh_token=None,
        viewer=viewer,
    )
