"""Accept an invitation."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import root_field
from resolvers.core.context import Info
from resolvers.mutations.account.account_payload import AccountPayload
from resolvers.mutations.sign_in.sign_in_payload import SignInPayload, opened
from rules.refusals import Refusal
from services.onboarding import acceptance, invitations


@strawberry.input(description="An invitation's link, the password that is chosen, and what the portal still lacks.")
class AcceptInvitationInput:
    token: str = strawberry.field(description="What the link has behind `#token=`.")
    password: str = strawberry.field(
        description="The password to sign in with from now on: `InvitationPreview.passwordMinLength` to 128"
        " characters; any characters, none required. Easily guessed ones are refused."
    )
    first_name: str | None = strawberry.field(
        default=None, description="Takes the place of the one on file. Null or empty: that one stays."
    )
    last_name: str | None = strawberry.field(
        default=None, description="Takes the place of the one on file. Null or empty: that one stays."
    )


@strawberry.input(description="An invitation's link that has run out.")
class RequestNewInvitationInput:
    invitation_token: str = strawberry.field(description="What the link has behind `#token=`.")


@strawberry.type
class AcceptanceMutations:
    @root_field(
        "Accepts an invitation whose nextStep is SET_PASSWORD, and signs in; the link is used up. Where no license"
        " seat is free the acceptance stands, and blockers has WAITING_FOR_SEAT; where the portal's password sign-in is"
        " off it stands as well, and blockers has PASSWORD_SIGN_IN_OFF. Never asks for a second factor."
        " Errors: INVALID_TOKEN (the link is dead: see `InvitationPreview.state`), NOT_ALLOWED (register instead),"
        " WEAK_PASSWORD, INVALID_INPUT, REQUIRED_FIELD_MISSING (path names the field to ask for; null: only an admin"
        " can fill it in); with the last three the link stays good, and with the blocker PORTAL_INACTIVE. Works"
        " without a token, and with any."
    )
    async def accept_invitation(
        self,
        info: Info,
        input: Annotated[AcceptInvitationInput, strawberry.argument(description="The link, and the password.")],
    ) -> SignInPayload | None:
        context = info.context
        try:
            signed_in = await acceptance.accept(
                context.runtime,
                context.ports,
                info.context.caller,
                token=input.token,
                password=input.password,
                first_name=input.first_name,
                last_name=input.last_name,
            )
        except Refusal as no:
            return SignInPayload.refused(no)
        return await opened(info, signed_in)

    @root_field(
        "With a link whose state is EXPIRED: a new one is mailed to the address on file. Always answers the same"
        " (`account` null, no errors), whether or not there is one, and changes nothing else. At most one mail a"
        " minute. Works without a token, and with any."
    )
    async def request_new_invitation(
        self,
        info: Info,
        input: Annotated[RequestNewInvitationInput, strawberry.argument(description="The link that ran out.")],
    ) -> AccountPayload | None:
        await invitations.renew(info.context.runtime, input.invitation_token)
        return AccountPayload(account=None, errors=[])
