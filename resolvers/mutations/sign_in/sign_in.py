"""Sign in."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.mutations.password_rules import PASSWORD_RULES
from resolvers.mutations.sign_in.sign_in_payload import SignInPayload, sign_in_payload
from resolvers.shared_descriptions import SIGN_IN_SLUG
from rules.refusals import Refusal
from services.auth import sign_in, sign_in_steps
from services.auth.mfa_codes import DIGITS
from services.auth.sign_in import SignInResult


@strawberry.input(description="The account that signs in, and its password.")
class SignInInput:
    login: str = strawberry.field(
        description="The e-mail address or the username, without regard to case. For MSSP staff: the e-mail address."
    )
    password: str = strawberry.field(description="The password.")
    portal_slug: str | None = strawberry.field(
        default=None,
        description=SIGN_IN_SLUG,
    )


@strawberry.input(description="The second factor: give exactly one of `code` and `recoveryCode`.")
class CompleteMfaChallengeInput:
    challenge_token: str = strawberry.field(description="The `SignInPayload.mfaChallenge.challengeToken`.")
    code: str | None = strawberry.field(
        default=None, description=f"The {DIGITS} digits that the authenticator app shows. Spaces are ignored."
    )
    recovery_code: str | None = strawberry.field(
        default=None,
        description="One of `EnrollMfaPayload.recoveryCodes`; each can be used once. Case and hyphens are ignored.",
    )


@strawberry.input(description="The new password that signing in asks for.")
class CompletePasswordChangeInput:
    token: str = strawberry.field(description="The `SignInPayload.passwordChange.token`.")
    password: str = strawberry.field(description=f"{PASSWORD_RULES}, and so is the old password.")


@strawberry.type
class SignInMutations:
    @access_checked_field(
        "Sign in with a password. The payload has a session, or the next step: a second factor or a new"
        " password. With the header `Gatehouse-Refresh: cookie` the refresh token is set as a cookie."
        " Requires no access token. Errors: INVALID_CREDENTIALS (the login, the password or the portal's slug is wrong, or the"
        " account is locked out or has not accepted an invitation; the answer does not say which of them), RATE_LIMITED (too"
        " many failed attempts from the caller's network or for the account; see `retryAt`)."
    )
    async def sign_in(
        self,
        info: Info,
        input: Annotated[SignInInput, strawberry.argument(description="The account, and its password.")],
    ) -> SignInPayload | None:
        context = info.context
        return await _run(
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

    @access_checked_field(
        "Continue signing in with the second factor. `passwordChange` may follow. Each code can be used"
        " once. Requires no access token. Errors: INVALID_CREDENTIALS (path `code` or `recoveryCode`: it is wrong or used, or"
        " the account is locked out), INVALID_TOKEN (the challenge is used, expired or ended by wrong codes: sign in again),"
        " NOT_ALLOWED (the server does not have the key that is needed to check the code; the attempt is"
        " not counted, and the other kind of code may work), INVALID_INPUT (not exactly one of both codes is given), RATE_LIMITED."
    )
    async def complete_mfa_challenge(
        self,
        info: Info,
        input: Annotated[
            CompleteMfaChallengeInput, strawberry.argument(description="The challenge, and the second factor.")
        ],
    ) -> SignInPayload | None:
        context = info.context
        return await _run(
            info,
            sign_in_steps.complete_challenge(
                context.runtime,
                context.ports,
                context.caller,
                token=input.challenge_token,
                code=input.code,
                recovery_code=input.recovery_code or None,
            ),
        )

    @access_checked_field(
        "Set the new password that signing in asks for, and sign in. Ends every earlier session. If `blockers` is not empty,"
        " the password is not stored, and the token stays valid. Requires no access token. Errors: INVALID_TOKEN (the token is"
        " used or expired: sign in again), WEAK_PASSWORD (the token stays valid), RATE_LIMITED."
    )
    async def complete_password_change(
        self,
        info: Info,
        input: Annotated[
            CompletePasswordChangeInput, strawberry.argument(description="The token, and the new password.")
        ],
    ) -> SignInPayload | None:
        context = info.context
        return await _run(
            info,
            sign_in_steps.complete_password_change(
                context.runtime, context.ports, context.caller, token=input.token, password=input.password
            ),
        )


async def _run(info: Info, attempt: Awaitable[SignInResult]) -> SignInPayload:
    try:
        signed_in = await attempt
    except Refusal as refusal:
        return SignInPayload.refused(refusal)
    return await sign_in_payload(info, signed_in)
