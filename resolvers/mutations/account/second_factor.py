"""Set up one's own second factor, and remove it."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import root_field
from resolvers.core.context import Info
from resolvers.core.errors import UserError
from resolvers.mutations.account.account_payload import AccountPayload, changed
from rules.refusals import Refusal
from services.auth import mfa


@strawberry.input(description="The proof that the owner wants a second factor.")
class EnrollMfaInput:
    current_password: str = strawberry.field(description="The password that the viewer signed in with.")


@strawberry.type(description="A second factor to be confirmed; what it shows is never shown again.")
class EnrollMfaPayload:
    secret: str | None = strawberry.field(
        description="For an authenticator app that takes no QR code, in base32 (TOTP, SHA-1, 6 digits, 30 seconds)."
        " Null on errors."
    )
    otpauth_uri: str | None = strawberry.field(
        description="The same as an otpauth: URI to show as a QR code. Null on errors."
    )
    recovery_codes: list[str] | None = strawberry.field(
        description="Ten, each good once as `CompleteMfaChallengeInput.recoveryCode`, shown this once: have the owner"
        " write them down. New ones come only with a new second factor. Null on errors."
    )
    errors: list[UserError] = strawberry.field(
        description="INVALID_CREDENTIALS: the password is wrong. NOT_ALLOWED: a second factor is set up already."
        " RATE_LIMITED. Empty otherwise."
    )


@strawberry.input(description="The proof that the authenticator app has the secret.")
class ConfirmMfaInput:
    code: str = strawberry.field(description="The six digits that the app shows now.")


@strawberry.input(description="The proof that the owner wants no second factor any more.")
class DisableMfaInput:
    current_password: str = strawberry.field(description="The password that the viewer signed in with.")


@strawberry.type
class SecondFactorMutations:
    @root_field(
        "Begins to set up a second factor. Nothing is asked for when signing in until `confirmMfa` proves that the"
        " app has the secret. Begun again before that, the earlier secret and recovery codes are void."
    )
    async def enroll_mfa(
        self,
        info: Info,
        input: Annotated[EnrollMfaInput, strawberry.argument(description="The proof.")],
    ) -> EnrollMfaPayload | None:
        context = info.context
        try:
            enrollment = await mfa.enroll(
                context.runtime, context.ports, context.caller, context.account, current_password=input.current_password
            )
        except Refusal as no:
            return EnrollMfaPayload(secret=None, otpauth_uri=None, recovery_codes=None, errors=[UserError.of(no)])
        return EnrollMfaPayload(
            secret=enrollment.secret,
            otpauth_uri=enrollment.otpauth_uri,
            recovery_codes=list(enrollment.recovery_codes),
            errors=[],
        )

    @root_field(
        "Finishes setting up the second factor: from now on signing in asks for a code, the next one: this one is"
        " used. The owner is told by mail. Errors: INVALID_CREDENTIALS (the code is wrong), NOT_ALLOWED (there is"
        " nothing to confirm, or the server lacks the key to check it: begin again), RATE_LIMITED."
    )
    async def confirm_mfa(
        self, info: Info, input: Annotated[ConfirmMfaInput, strawberry.argument(description="The code.")]
    ) -> AccountPayload | None:
        context = info.context
        return await changed(
            info,
            mfa.confirm(context.runtime, context.ports, context.caller, context.account, code=input.code),
        )

    @root_field(
        "Takes the viewer's own second factor away, for instance to set it up anew; where the portal requires one, nothing"
        " else can be done until then. The owner is told by mail. Errors: INVALID_CREDENTIALS,"
        " NOT_ALLOWED (none is set up), WEAK_PASSWORD (too short without a second factor:"
        " change it first), RATE_LIMITED."
    )
    async def disable_mfa(
        self,
        info: Info,
        input: Annotated[DisableMfaInput, strawberry.argument(description="The proof.")],
    ) -> AccountPayload | None:
        context = info.context
        return await changed(
            info,
            mfa.disable(
                context.runtime, context.ports, context.caller, context.account, current_password=input.current_password
            ),
        )
