"""Accept an invitation."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.duration_text import duration_text
from resolvers.mutations.account.account_payload import AccountPayload
from resolvers.mutations.password_rules import INVITEE_PASSWORD_RULES
from resolvers.mutations.sign_in.sign_in_payload import SignInPayload, sign_in_payload
from resolvers.shared_descriptions import INVITEE_NAME, OF_THE_LINK
from rules.mail.cooldown import COOLDOWN
from rules.refusals import Refusal
from services.onboarding import acceptance, invitations


@strawberry.input(description="An invitation's link, the new password, and the missing fields.")
class AcceptInvitationInput:
    token: str = strawberry.field(description=OF_THE_LINK)
    password: str = strawberry.field(description=f"The password to sign in with: {INVITEE_PASSWORD_RULES}.")
    first_name: str | None = strawberry.field(default=None, description=f"The first name. {INVITEE_NAME}")
    last_name: str | None = strawberry.field(default=None, description=f"The last name. {INVITEE_NAME}")


@strawberry.input(description="An expired invitation link.")
class RequestNewInvitationInput:
    invitation_token: str = strawberry.field(description=OF_THE_LINK)


@strawberry.type
class AcceptanceMutations:
    @access_checked_field(
        "Accept an invitation whose `nextStep` is SET_PASSWORD, and sign in. The link can be used once. No second factor is"
        " asked for. Requires no access token. With the blocker PORTAL_INACTIVE, the invitation is not accepted, and the link"
        " stays valid. With any other blocker it is accepted: WAITING_FOR_SEAT (no license seat is available) or"
        " PASSWORD_SIGN_IN_OFF. After a lost answer, sign in if `InvitationPreview.state` is ACCEPTED. Errors: INVALID_TOKEN (the link is not valid: see `InvitationPreview.state`). After the other ones the"
        " link stays valid: NOT_ALLOWED (register instead), WEAK_PASSWORD, INVALID_INPUT (a name), REQUIRED_FIELD_MISSING"
        " (`path` names the field to ask for; if `path` is null, only an admin can set the field), ADMIN_LIMIT_REACHED (see"
        " `PortalPolicy.maxAdmins`), RATE_LIMITED (too many attempts from the caller's network)."
    )
    async def accept_invitation(
        self,
        info: Info,
        input: Annotated[AcceptInvitationInput, strawberry.argument(description="The link, and the new password.")],
    ) -> SignInPayload | None:
        context = info.context
        try:
            signed_in = await acceptance.accept(
                context.runtime,
                context.ports,
                context.caller,
                token=input.token,
                password=input.password,
                first_name=input.first_name,
                last_name=input.last_name,
            )
        except Refusal as refusal:
            return SignInPayload.refused(refusal)
        return await sign_in_payload(info, signed_in)

    @access_checked_field(
        "Request a new link for an invitation of a user or of MSSP staff whose state is EXPIRED. It is mailed to the address on"
        " file. The answer is always the same (`account` null, no errors), and nothing else changes. No mail is sent to a user"
        f" if the last one is less than {duration_text(COOLDOWN)} old, and none above the limit of mails to one address."
        " Requires no access token."
    )
    async def request_new_invitation(
        self,
        info: Info,
        input: Annotated[RequestNewInvitationInput, strawberry.argument(description="The expired link.")],
    ) -> AccountPayload | None:
        await invitations.renew(info.context.runtime, input.invitation_token)
        return AccountPayload(account=None, errors=[])
