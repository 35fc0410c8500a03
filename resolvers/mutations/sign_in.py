"""Signing in."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated

import strawberry

from resolvers.core.access import root_field
from resolvers.core.context import Info
from resolvers.core.errors import UserError
from resolvers.types.accounts import Account, account
from rules.auth.sign_in_blockers import Blocker
from rules.refusals import Refusal
from rules.security_events import SecurityEvent
from services.auth import sign_in, sign_in_steps
from services.auth.sign_in import SignedIn


@strawberry.input(description="Who signs in, and the proof.")
class SignInInput:
    login: str = strawberry.field(description="E-mail or username, without regard to case. MSSP staff: the e-mail.")
    password: str = strawberry.field(description="The password.")
    portal_slug: str | None = strawberry.field(
        default=None, description="`Portal.slug` of the portal that the account belongs to. Absent for MSSP staff."
    )


@strawberry.type(description="A living sign-in. Send `Authorization: Bearer <accessToken>` with every request.")
class Session:
    access_token: str = strawberry.field(
        description="For the Authorization header. Keep it in memory only. When it has run out: refreshSession."
    )
    expires_in: int = strawberry.field(description="Seconds until the access token runs out.")
    refresh_token: str | None = strawberry.field(
        description="For `refreshSession`, once. Null where the request had the header `Gatehouse-Refresh: cookie`:"
        " then the token is in the cookie `__Host-gatehouse-refresh`, which scripts cannot read. Whatever opens a"
        " session heeds it."
    )
    viewer: Account = strawberry.field(description="Who is signed in now.")
    must_enroll_mfa: bool = strawberry.field(
        description="Whether the portal requires a second factor that the viewer lacks: until enrollMfa and confirmMfa are"
        " done, nearly everything else answers FORBIDDEN."
    )


@strawberry.type(description="The password was right; a second factor is asked for.")
class MfaChallenge:
    challenge_token: str = strawberry.field(description="For `completeMfaChallenge`. Keep it in memory only.")
    expires_at: datetime = strawberry.field(description="Five minutes later; five wrong codes end it, too.")


@strawberry.type(description="The password was right, but has run out: a new one is asked for.")
class PasswordChange:
    token: str = strawberry.field(description="For `completePasswordChange`, once. Keep it in memory only.")
    expires_at: datetime = strawberry.field(description="Fifteen minutes later.")


@strawberry.type(
    description="A session, or the next step to one, or why there is none: exactly one of `session`, `mfaChallenge` and"
    " `passwordChange` is there, or `blockers` or `errors` is not empty. The steps come in this order: signIn,"
    " completeMfaChallenge, completePasswordChange; either of the last two is left out where it is not asked for."
)
class SignInPayload:
    session: Session | None = strawberry.field(description="Null unless signed in.")
    mfa_challenge: MfaChallenge | None = strawberry.field(
        description="The account has a second factor: ask for a code, then completeMfaChallenge. Only signIn answers"
        " with it."
    )
    password_change: PasswordChange | None = strawberry.field(
        description="A new password is due: ask for one, then completePasswordChange. Only signIn and"
        " completeMfaChallenge answer with it."
    )
    blockers: list[Blocker] = strawberry.field(
        description="Why nobody is signed in although the password or the link was right; empty until that is proved,"
        " and when signed in."
    )
    errors: list[UserError] = strawberry.field(
        description="Why it was refused; each mutation says which codes it gives. signIn: INVALID_CREDENTIALS (login"
        " or password is wrong, or the account is locked out or has accepted no invitation; which, is not told) and"
        " RATE_LIMITED (too many tries; see retryAt). Empty when nothing was refused."
    )

    @classmethod
    def refused(cls, no: Refusal) -> SignInPayload:
        return cls(session=None, mfa_challenge=None, password_change=None, blockers=[], errors=[UserError.of(no)])


@strawberry.input(description="The second factor: exactly one of code and recoveryCode.")
class CompleteMfaChallengeInput:
    challenge_token: str = strawberry.field(description="`SignInPayload.mfaChallenge.challengeToken`.")
    code: str | None = strawberry.field(
        default=None, description="The six digits that the authenticator app shows now; blanks do not matter."
    )
    recovery_code: str | None = strawberry.field(
        default=None, description="One of `EnrollMfaPayload.recoveryCodes`; good once. Case and hyphens do not matter."
    )


@strawberry.input(description="The new password that signing in asked for.")
class CompletePasswordChangeInput:
    token: str = strawberry.field(description="`SignInPayload.passwordChange.token`.")
    password: str = strawberry.field(
        description="15 to 128 characters, 8 where a second factor is set up or required; any characters, none"
        " required. Easily guessed ones, and the old one, are refused."
    )


@strawberry.type
class SignInMutations:
    @root_field(
        "Signs in with a password, or tells the next step: a second factor, a new password. With the header"
        " `Gatehouse-Refresh: cookie` the refresh token is put into a cookie. Errors: see `SignInPayload.errors`."
        " Works without a token, and with any."
    )
    async def sign_in(
        self,
        info: Info,
        input: Annotated[SignInInput, strawberry.argument(description="Who signs in, and the proof.")],
    ) -> SignInPayload | None:
        context = info.context
        return await _told(
            info,
            sign_in.sign_in(
                context.runtime,
                context.ports,
                context.caller,
                portal_slug=input.portal_slug,
                login=input.login,
                password=input.password,
            ),
        )

    @root_field(
        "Goes on signing in with the second factor; passwordChange may follow. Each code is good once. Errors:"
        " INVALID_CREDENTIALS (a wrong or used code, or locked out by then), INVALID_TOKEN (the challenge is used or"
        " has run out: sign in again), NOT_ALLOWED (the server lacks the key that it needs to check the code; nothing"
        " is counted: the other kind of code may work), INVALID_INPUT, RATE_LIMITED. Works without a token, and with"
        " any."
    )
    async def complete_mfa_challenge(
        self,
        info: Info,
        input: Annotated[
            CompleteMfaChallengeInput, strawberry.argument(description="The challenge, and the second factor.")
        ],
    ) -> SignInPayload | None:
        context = info.context
        return await _told(
            info,
            sign_in_steps.complete_challenge(
                context.runtime,
                context.ports,
                context.caller,
                token=input.challenge_token,
                code=input.code,
                recovery_code=input.recovery_code,
            ),
        )

    @root_field(
        "Sets the new password that signing in asked for, and signs in with it; every earlier session ends. Errors:"
        " INVALID_TOKEN (the step is used or has run out: sign in again), WEAK_PASSWORD (the step stays good),"
        " RATE_LIMITED. Works without a token, and with any."
    )
    async def complete_password_change(
        self,
        info: Info,
        input: Annotated[
            CompletePasswordChangeInput, strawberry.argument(description="The step, and the new password.")
        ],
    ) -> SignInPayload | None:
        context = info.context
        return await _told(
            info,
            sign_in_steps.complete_password_change(
                context.runtime, context.ports, context.caller, token=input.token, password=input.password
            ),
        )


async def _told(info: Info, runtime: Awaitable[SignedIn]) -> SignInPayload:
    try:
        signed_in = await runtime
    except Refusal as no:
        return SignInPayload.refused(no)
    return await opened(info, signed_in)


async def opened(info: Info, signed_in: SignedIn) -> SignInPayload:
    """The payload of what may open a session; the security log tells of one that it opened."""
    payload = await shown(info, signed_in)
    if payload.session is not None:
        info.context.note(SecurityEvent.SIGNED_IN)
    return payload


async def shown(info: Info, signed_in: SignedIn) -> SignInPayload:
    """The payload of whatever may end with a session; what lies below it is shown as the new account sees it."""
    challenge, change = signed_in.mfa_challenge, signed_in.password_change
    return SignInPayload(
        session=await _session(info, signed_in),
        mfa_challenge=MfaChallenge(challenge_token=challenge.token, expires_at=challenge.expires_at)
        if challenge
        else None,
        password_change=PasswordChange(token=change.token, expires_at=change.expires_at) if change else None,
        blockers=list(signed_in.blockers),
        errors=[],
    )


async def _session(info: Info, signed_in: SignedIn) -> Session | None:
    if signed_in.actor is None or signed_in.token is None:
        return None
    info.context.show_as(signed_in.actor)
    viewer = await account(info, signed_in.actor.id)
    assert viewer is not None  # noqa: S101  # everybody sees himself
    return Session(
        access_token=signed_in.token.text,
        expires_in=signed_in.token.expires_in_seconds,
        refresh_token=_kept(info, signed_in),
        viewer=viewer,
        must_enroll_mfa=signed_in.actor.must_enroll,
    )


def _kept(info: Info, signed_in: SignedIn) -> str | None:
    """The refresh token for the payload; None once it is in the cookie that the browser asked for."""
    cookie = info.context.cookie
    if not cookie.is_asked_for or signed_in.refresh_token is None or signed_in.until is None:
        return signed_in.refresh_token
    cookie.keep(signed_in.refresh_token, signed_in.until - info.context.now())
    return None
