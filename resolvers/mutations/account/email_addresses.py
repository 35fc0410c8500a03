"""Change or verify the e-mail address of one's own account, or cancel a change."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.duration_text import duration_text
from resolvers.mutations.account.account_payload import AccountPayload, run_for_owner, run_without_account
from resolvers.shared_descriptions import OF_THE_LINK, PROOF_OF_THE_OWNER
from rules.mail.cooldown import COOLDOWN
from rules.rights.root_fields import require_second_factor
from services.users import email_change


@strawberry.input(description="The token of a verification link.")
class VerifyEmailInput:
    token: str = strawberry.field(description=OF_THE_LINK)


@strawberry.input(description="The new address, and the password as proof.")
class ChangeEmailInput:
    email: str = strawberry.field(
        description="The new address; not empty. The current address takes back a pending change, as cancelEmailChange does."
    )
    current_password: str = strawberry.field(description=PROOF_OF_THE_OWNER)


@strawberry.input(description="The change of address to take back. Without a field: the viewer's own.")
class CancelEmailChangeInput:
    token: str | None = strawberry.field(
        default=None,
        description="The part after `#token=` of the link that was mailed to the old address. Null or empty: the viewer's"
        " own change, which requires an access token.",
    )


@strawberry.type
class EmailAddressMutations:
    @access_checked_field(
        "Verify an e-mail address with the link (`…/verify-email#token=…`) of a verification mail."
        " `pendingEmail` becomes `email`, and the username too if it is the old address at that time. Ends every session of the user and opens"
        " none: the user signs in again, with the new address (`portalSlug`). linkPreview shows the link before. Requires no access token. Errors: INVALID_TOKEN (the link is"
        " used, replaced or expired, or the change was cancelled), EMAIL_TAKEN (another user of the portal"
        " has the address now)."
    )
    async def verify_email(
        self,
        info: Info,
        input: Annotated[VerifyEmailInput, strawberry.argument(description="The link.")],
    ) -> AccountPayload | None:
        return await run_without_account(email_change.verify(info.context.runtime, token=input.token))

    @access_checked_field(
        "Change the viewer's e-mail address. The new address is `pendingEmail` until it is verified with the link mailed to"
        " it. Until then the old address stays valid: sessions continue, and the viewer signs in with it. A link to take"
        " the change back is mailed to the old address (`…/cancel-email-change#token=…`); see cancelEmailChange. Another address"
        " replaces a pending one, and the earlier links stop working. A call with the pending address succeeds and"
        " changes nothing: no mail is sent, and the link stays valid. For a new link, call cancelEmailChange first."
        " Errors: INVALID_CREDENTIALS (path `currentPassword`), INVALID_EMAIL, EMAIL_TAKEN, RATE_LIMITED (a link was mailed to the"
        f" user less than {duration_text(COOLDOWN)} ago, that of an invitation included, the address was sent too many mails, or"
        " too many attempts; see `retryAt`), NOT_ALLOWED (MSSP staff)."
    )
    async def change_email(
        self,
        info: Info,
        input: Annotated[ChangeEmailInput, strawberry.argument(description="The new address, and the password.")],
    ) -> AccountPayload | None:
        context = info.context
        return await run_for_owner(
            info,
            email_change.change_own(
                context.runtime,
                context.ports,
                context.caller,
                context.account,
                email=input.email,
                current_password=input.current_password,
            ),
        )

    @access_checked_field(
        "Take back a change of address that waits for verification, and that changeEmail began: `pendingEmail` becomes"
        " null, and its link stops working. No session ends, and the password stays the same. With `token` it requires no access token, and `portalSlug` says where to sign"
        " in. An admin's change (updateUser) is taken back by an admin only. Errors: INVALID_TOKEN (the link is used or"
        " expired, or the change was verified, replaced or taken back), NOT_ALLOWED (without `token`: no own change is"
        " pending)."
    )
    async def cancel_email_change(
        self,
        info: Info,
        input: Annotated[CancelEmailChangeInput, strawberry.argument(description="The link, if there is one.")],
    ) -> AccountPayload | None:
        context = info.context
        if input.token:
            return await run_without_account(email_change.cancel(context.runtime, token=input.token))
        require_second_factor("Mutation.cancelEmailChange", context.account)
        return await run_for_owner(info, email_change.cancel_own(context.runtime, context.account))
