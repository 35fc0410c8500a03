"""Register with an invitation's link."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from resolvers.core.access import root_field
from resolvers.core.context import Info
from resolvers.core.errors import UserError
from resolvers.mutations.sign_in.sign_in_payload import SignInPayload, opened
from rules.refusals import Refusal
from services.onboarding import registration


@strawberry.input(description="An invitation's link, and the address that is to be confirmed.")
class StartRegistrationInput:
    invitation_token: str = strawberry.field(description="What the link has behind `#token=`.")
    email: str = strawberry.field(
        description="The address to which the code is mailed: any that the invitee reads; it becomes the user's."
    )


@strawberry.type(description="That a code is on its way, or why not.")
class StartRegistrationPayload:
    code_expires_at: datetime | None = strawberry.field(
        description="The code is refused from this moment on; see `PortalPolicy.verificationCodeTtlMinutes`. Null on"
        " errors."
    )
    resend_at: datetime | None = strawberry.field(
        description="From when another code may be asked for; it kills this one. Null on errors."
    )
    errors: list[UserError] = strawberry.field(
        description="INVALID_TOKEN: the link is dead. NOT_ALLOWED: the stored address is trusted, accept instead; or the"
        " portal is inactive. INVALID_EMAIL. RATE_LIMITED: a code was mailed less than a minute ago, see"
        " retryAt; without retryAt too many wrong codes were entered, and only a new link helps."
    )


@strawberry.input(description="The code that was mailed to the address.")
class ConfirmRegistrationInput:
    invitation_token: str = strawberry.field(description="What the link has behind `#token=`.")
    email: str = strawberry.field(description="The e-mail address that the code was mailed to.")
    code: str = strawberry.field(
        description="Six digits; blanks do not matter. The right one works once; five wrong ones, and the code is dead."
    )


@strawberry.type(description="The right to complete the registration, or why not.")
class ConfirmRegistrationPayload:
    registration_token: str | None = strawberry.field(
        description="For completeRegistration, within an hour; keep it in memory only. Null on errors."
    )
    errors: list[UserError] = strawberry.field(
        description="INVALID_TOKEN: the code is wrong, used or dead, or the link is (path names which). EMAIL_TAKEN:"
        " a user of the portal has this address; told only after the right code. NOT_ALLOWED as for"
        " startRegistration."
    )


@strawberry.input(description="Who registers, once the address is confirmed.")
class CompleteRegistrationInput:
    registration_token: str = strawberry.field(description="`ConfirmRegistrationPayload.registrationToken`.")
    first_name: str | None = strawberry.field(
        default=None, description="At most 100 characters. Null or empty: the one on file stays."
    )
    last_name: str | None = strawberry.field(
        default=None, description="At most 100 characters. Null or empty: the one on file stays."
    )
    password: str = strawberry.field(
        description="The password to sign in with from now on: `InvitationPreview.passwordMinLength` to 128"
        " characters; any characters, none required. Easily guessed ones are refused."
    )


@strawberry.type
class RegistrationMutations:
    @root_field(
        "Begins a registration, for an invitation whose nextStep is REGISTER: mails a code to the address. With a mailed"
        " link, whose nextStep is SET_PASSWORD, it registers another address than the one mailed to. Next:"
        " confirmRegistration. Works without a token, and with any."
    )
    async def start_registration(
        self,
        info: Info,
        input: Annotated[StartRegistrationInput, strawberry.argument(description="The link, and the address.")],
    ) -> StartRegistrationPayload | None:
        try:
            sent = await registration.start(info.context.runtime, token=input.invitation_token, email=input.email)
        except Refusal as no:
            return StartRegistrationPayload(code_expires_at=None, resend_at=None, errors=[UserError.of(no)])
        return StartRegistrationPayload(code_expires_at=sent.expires_at, resend_at=sent.resend_at, errors=[])

    @root_field(
        "Confirms the address by the code that was mailed to it. Next: completeRegistration. Works without a token,"
        " and with any."
    )
    async def confirm_registration(
        self,
        info: Info,
        input: Annotated[ConfirmRegistrationInput, strawberry.argument(description="The link, address and code.")],
    ) -> ConfirmRegistrationPayload | None:
        try:
            token = await registration.confirm(
                info.context.runtime, token=input.invitation_token, email=input.email, code=input.code
            )
        except Refusal as no:
            return ConfirmRegistrationPayload(registration_token=None, errors=[UserError.of(no)])
        return ConfirmRegistrationPayload(registration_token=token, errors=[])

    @root_field(
        "Ends a registration: the confirmed address is the user's, the invitation is accepted, and the user signed in."
        " Answers as acceptInvitation does; EMAIL_TAKEN at registrationToken where the address became somebody else's"
        " meanwhile: start again with another (startRegistration). But for INVALID_TOKEN the registrationToken stays good. Works without a token, and with any."
    )
    async def complete_registration(
        self,
        info: Info,
        input: Annotated[CompleteRegistrationInput, strawberry.argument(description="Who registers.")],
    ) -> SignInPayload | None:
        context = info.context
        try:
            signed_in = await registration.complete(
                context.runtime,
                context.ports,
                info.context.caller,
                token=input.registration_token,
                first_name=input.first_name,
                last_name=input.last_name,
                password=input.password,
            )
        except Refusal as no:
            return SignInPayload.refused(no)
        return await opened(info, signed_in)
