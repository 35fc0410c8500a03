"""The mutations of registration: an invitee with a link confirms an e-mail address, and sets a password."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.duration_text import duration_text
from resolvers.core.errors import UserError
from resolvers.mutations.password_rules import INVITEE_PASSWORD_RULES
from resolvers.mutations.sign_in.sign_in_payload import SignInPayload, sign_in_payload
from resolvers.shared_descriptions import INVITEE_NAME, OF_THE_LINK
from rules.mail.cooldown import COOLDOWN
from rules.refusals import Refusal
from services.links import CODE_DIGITS
from services.onboarding import registration
from services.onboarding.registration import COMPLETION_LIVES, MOST_TRIES


@strawberry.input(description="An invitation's link, and the address to confirm.")
class StartRegistrationInput:
    invitation_token: str = strawberry.field(description=OF_THE_LINK)
    email: str = strawberry.field(
        description="The address to mail the code to. It becomes the user's e-mail address, and may differ from the one"
        " on file."
    )


@strawberry.type(description="The mailed code, or why none was mailed.")
class StartRegistrationPayload:
    code_expires_at: datetime | None = strawberry.field(
        description="Time at which the code expires; see `PortalPolicy.verificationCodeTtlMinutes`. Null on errors."
    )
    resend_at: datetime | None = strawberry.field(
        description="Time from which another code can be requested, which invalidates this one. Null on errors."
    )
    errors: list[UserError] = strawberry.field(
        description="INVALID_TOKEN (the link is not valid), NOT_ALLOWED (the stored address is trusted: use"
        " acceptInvitation; or the portal is inactive), INVALID_EMAIL, RATE_LIMITED (a code was mailed less"
        f" than {duration_text(COOLDOWN)} ago: see `retryAt`; without `retryAt`, too many wrong codes were"
        " entered or too many codes mailed, and a new link is needed). Empty if a code was mailed."
    )


@strawberry.input(description="The code that was mailed to the address.")
class ConfirmRegistrationInput:
    invitation_token: str = strawberry.field(description=OF_THE_LINK)
    email: str = strawberry.field(description="The address that the code was mailed to.")
    code: str = strawberry.field(
        description=f"The {CODE_DIGITS} digits of the code. Spaces are ignored. The code can be used once, and is invalid after"
        f" {MOST_TRIES} wrong ones."
    )


@strawberry.type(description="The token to complete the registration, or why there is none.")
class ConfirmRegistrationPayload:
    registration_token: str | None = strawberry.field(
        description=f"The token for completeRegistration, valid for {duration_text(COMPLETION_LIVES)}. Keep it in memory"
        " only. Null on errors."
    )
    errors: list[UserError] = strawberry.field(
        description="INVALID_TOKEN (`path` names the code or the link, which is wrong, used or expired), EMAIL_TAKEN"
        " (another user of the portal has the address; returned only for a correct code), NOT_ALLOWED (see"
        " `StartRegistrationPayload.errors`). Empty if the code is right."
    )


@strawberry.input(description="The user's name and password, after the address is confirmed.")
class CompleteRegistrationInput:
    registration_token: str = strawberry.field(description="The `ConfirmRegistrationPayload.registrationToken`.")
    first_name: str | None = strawberry.field(
        default=None,
        description=f"The first name. {INVITEE_NAME}",
    )
    last_name: str | None = strawberry.field(
        default=None,
        description=f"The last name. {INVITEE_NAME}",
    )
    password: str = strawberry.field(description=f"The password to sign in with: {INVITEE_PASSWORD_RULES}.")


@strawberry.type
class RegistrationMutations:
    @access_checked_field(
        "Begin a registration, for an invitation whose `nextStep` is REGISTER: mail a code to the address."
        " For a mailed invitation whose `nextStep` is SET_PASSWORD, it registers another address than the"
        " mailed one. Next step: confirmRegistration, with the same link and address, in any browser. Requires no access token."
    )
    async def start_registration(
        self,
        info: Info,
        input: Annotated[StartRegistrationInput, strawberry.argument(description="The link, and the address.")],
    ) -> StartRegistrationPayload | None:
        try:
            sent = await registration.start(info.context.runtime, token=input.invitation_token, email=input.email)
        except Refusal as refusal:
            return StartRegistrationPayload(code_expires_at=None, resend_at=None, errors=UserError.all_of(refusal))
        return StartRegistrationPayload(code_expires_at=sent.expires_at, resend_at=sent.resend_at, errors=[])

    @access_checked_field(
        "Confirm the address with the mailed code. Next step: completeRegistration. Requires no access token."
    )
    async def confirm_registration(
        self,
        info: Info,
        input: Annotated[
            ConfirmRegistrationInput, strawberry.argument(description="The link, the address and the code.")
        ],
    ) -> ConfirmRegistrationPayload | None:
        try:
            token = await registration.confirm(
                info.context.runtime, token=input.invitation_token, email=input.email, code=input.code
            )
        except Refusal as refusal:
            return ConfirmRegistrationPayload(registration_token=None, errors=UserError.all_of(refusal))
        return ConfirmRegistrationPayload(registration_token=token, errors=[])

    @access_checked_field(
        "Complete a registration: the user gets the confirmed address, the invitation is accepted, and the user is signed in."
        " Requires no access token. Blockers are those of acceptInvitation; with PORTAL_INACTIVE, nothing is stored. The token"
        " stays valid then, and after every error except INVALID_TOKEN. Errors: INVALID_TOKEN, EMAIL_TAKEN (path"
        " `registrationToken`: another user has the address now; start again with another one, startRegistration),"
        " WEAK_PASSWORD, INVALID_INPUT, REQUIRED_FIELD_MISSING, ADMIN_LIMIT_REACHED and RATE_LIMITED as in acceptInvitation."
    )
    async def complete_registration(
        self,
        info: Info,
        input: Annotated[CompleteRegistrationInput, strawberry.argument(description="The user's name and password.")],
    ) -> SignInPayload | None:
        context = info.context
        try:
            signed_in = await registration.complete(
                context.runtime,
                context.ports,
                context.caller,
                token=input.registration_token,
                first_name=input.first_name,
                last_name=input.last_name,
                password=input.password,
            )
        except Refusal as refusal:
            return SignInPayload.refused(refusal)
        return await sign_in_payload(info, signed_in)
