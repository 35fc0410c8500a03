"""Set up or remove the second factor of one's own account, or replace its recovery codes."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.errors import UserError
from resolvers.mutations.account.account_payload import AccountPayload, run_for_owner
from resolvers.shared_descriptions import PROOF_OF_THE_OWNER
from rules.refusals import Refusal
from services.auth import mfa
from services.auth.mfa_codes import DIGITS, STEP_SECONDS
from services.auth.recovery_codes import CODES


@strawberry.input(description="The password as proof.")
class EnrollMfaInput:
    current_password: str = strawberry.field(description=PROOF_OF_THE_OWNER)


@strawberry.type(description="A second factor that is to be confirmed. Its values are returned only once.")
class EnrollMfaPayload:
    secret: str | None = strawberry.field(
        description=f"The base32 secret for authenticator apps without a QR scanner (TOTP, SHA-1, {DIGITS} digits,"
        f" {STEP_SECONDS} seconds). Null on errors."
    )
    otpauth_uri: str | None = strawberry.field(
        description="The secret as an otpauth: URI, to show as a QR code. Null on errors."
    )
    recovery_codes: list[str] | None = strawberry.field(
        description=f"The {CODES} recovery codes. Each can be used once, as `CompleteMfaChallengeInput.recoveryCode`."
        " They are not shown again; regenerateRecoveryCodes returns new ones. They are valid once confirmMfa has succeeded."
        " Null on errors."
    )
    errors: list[UserError] = strawberry.field(
        description="INVALID_CREDENTIALS (the password is wrong), NOT_ALLOWED (a second factor is already set up),"
        " RATE_LIMITED. Empty if there are none."
    )


@strawberry.input(description="A code of the authenticator app as proof.")
class ConfirmMfaInput:
    code: str = strawberry.field(description=f"The {DIGITS} digits that the app shows.")


@strawberry.input(description="The password as proof.")
class DisableMfaInput:
    current_password: str = strawberry.field(description=PROOF_OF_THE_OWNER)


@strawberry.input(description="The password as proof.")
class RegenerateRecoveryCodesInput:
    current_password: str = strawberry.field(description=PROOF_OF_THE_OWNER)


@strawberry.type(description="The new recovery codes. They are returned only once.")
class RecoveryCodesPayload:
    recovery_codes: list[str] | None = strawberry.field(
        description=f"The {CODES} recovery codes. Each can be used once, as `CompleteMfaChallengeInput.recoveryCode`."
        " They are not shown again. Null on errors."
    )
    errors: list[UserError] = strawberry.field(
        description="INVALID_CREDENTIALS (the password is wrong), NOT_ALLOWED (no second factor is set up), RATE_LIMITED."
        " Empty if there are none."
    )


@strawberry.type
class SecondFactorMutations:
    @access_checked_field(
        "Begin to set up a second factor. Signing in does not ask for it until confirmMfa proves that the"
        " app has the secret. A repeated call invalidates the earlier secret and recovery codes."
    )
    async def enroll_mfa(
        self,
        info: Info,
        input: Annotated[EnrollMfaInput, strawberry.argument(description="The password.")],
    ) -> EnrollMfaPayload | None:
        context = info.context
        try:
            enrollment = await mfa.enroll(
                context.runtime, context.ports, context.caller, context.account, current_password=input.current_password
            )
        except Refusal as refusal:
            return EnrollMfaPayload(
                secret=None, otpauth_uri=None, recovery_codes=None, errors=UserError.all_of(refusal)
            )
        return EnrollMfaPayload(
            secret=enrollment.secret,
            otpauth_uri=enrollment.otpauth_uri,
            recovery_codes=list(enrollment.recovery_codes),
            errors=[],
        )

    @access_checked_field(
        "Confirm the second factor. From now on signing in asks for a code. The code given here cannot be"
        " used again. The access token stays valid; where the portal requires a second factor, it now gives access to"
        " everything (`Account.mustEnrollMfa` is false). No session ends. Mails a notice to the owner. Errors: INVALID_CREDENTIALS (path `code`: it is wrong),"
        " NOT_ALLOWED (there is nothing to confirm, or the server no longer has the key that encrypts the"
        " secret: begin again), RATE_LIMITED."
    )
    async def confirm_mfa(
        self, info: Info, input: Annotated[ConfirmMfaInput, strawberry.argument(description="The code.")]
    ) -> AccountPayload | None:
        context = info.context
        payload = await run_for_owner(
            info,
            mfa.confirm(context.runtime, context.ports, context.caller, context.account, code=input.code),
        )
        if not payload.errors:
            context.show_as(replace(context.account, must_enroll=False))
        return payload

    @access_checked_field(
        "Remove the viewer's second factor. If the portal requires one, only setting up a new one is"
        " possible afterwards. No session ends. Mails a notice to the owner. Errors: INVALID_CREDENTIALS, NOT_ALLOWED (there"
        " is no second factor), WEAK_PASSWORD (the password is too short without a second factor: change it"
        " first), RATE_LIMITED (too many attempts)."
    )
    async def disable_mfa(
        self,
        info: Info,
        input: Annotated[DisableMfaInput, strawberry.argument(description="The password.")],
    ) -> AccountPayload | None:
        context = info.context
        return await run_for_owner(
            info,
            mfa.disable(
                context.runtime, context.ports, context.caller, context.account, current_password=input.current_password
            ),
        )

    @access_checked_field(
        "Replace all recovery codes of the viewer's second factor by new ones; the earlier codes, used or not, are"
        " invalid from now on. The second factor itself stays, and no session ends. Mails a notice to the owner."
    )
    async def regenerate_recovery_codes(
        self,
        info: Info,
        input: Annotated[RegenerateRecoveryCodesInput, strawberry.argument(description="The password.")],
    ) -> RecoveryCodesPayload | None:
        context = info.context
        try:
            codes = await mfa.replace_recovery_codes(
                context.runtime, context.ports, context.caller, context.account, current_password=input.current_password
            )
        except Refusal as refusal:
            return RecoveryCodesPayload(recovery_codes=None, errors=[UserError.of(refusal)])
        finally:
            context.forget()
        return RecoveryCodesPayload(recovery_codes=list(codes), errors=[])
