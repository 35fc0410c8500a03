"""Sign in."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated

import strawberry

from resolvers.core.access import root_field
from resolvers.core.context import Info
from resolvers.mutations.sign_in.sign_in_payload import SignInPayload, opened
from rules.refusals import Refusal
from services.auth import sign_in, sign_in_steps
from services.auth.sign_in import SignedIn


@strawberry.input(description="Who signs in, and the proof.")
class SignInInput:
    login: str = strawberry.field(description="E-mail or username, without regard to case. MSSP staff: the e-mail.")
    password: str = strawberry.field(description="The password.")
    portal_slug: str | None = strawberry.field(
        default=None, description="`Portal.slug` of the portal that the account belongs to. Absent for MSSP staff."
    )


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
