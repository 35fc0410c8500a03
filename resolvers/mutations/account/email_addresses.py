"""Change one's own e-mail address, and verify it."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import root_field
from resolvers.core.context import Info
from resolvers.mutations.account.account_payload import AccountPayload, changed, done_for_stranger
from services.users import email_change


@strawberry.input(description="The proof of an e-mail address.")
class VerifyEmailInput:
    token: str = strawberry.field(description="From the link of the mail: what follows `#token=`.")


@strawberry.input(description="The new address, and the proof that the owner wants it.")
class ChangeEmailInput:
    email: str = strawberry.field(description="The new address. The present one takes a waiting change back.")
    current_password: str = strawberry.field(description="The password that the viewer signed in with.")


@strawberry.type
class EmailAddressMutations:
    @root_field(
        "Proves an e-mail address with the link (`…/verify-email#token=…`) of a verification mail: a waiting"
        " `pendingEmail` becomes the e-mail, and the username too where it was the old address; signing in, with the new"
        " one, is open again; opens no session."
        " Errors: INVALID_TOKEN (used, replaced, past its end, or the change was taken back), EMAIL_TAKEN (somebody"
        " else of the portal has the address by now). For strangers; a token in the header is ignored."
    )
    async def verify_email(
        self,
        info: Info,
        input: Annotated[VerifyEmailInput, strawberry.argument(description="The link.")],
    ) -> AccountPayload | None:
        return await done_for_stranger(email_change.verify(info.context.runtime, token=input.token))

    @root_field(
        "Changes the viewer's own e-mail address. It waits in `pendingEmail` until it is verified by a mail to it;"
        " the old address is told. All sessions end, this one too, and sign-in is blocked (EMAIL_UNVERIFIED) until"
        " then; an admin can take the change back (updateUser) or have the mail sent again (resendVerifications)."
        " Errors: INVALID_CREDENTIALS at currentPassword, INVALID_EMAIL, EMAIL_TAKEN, RATE_LIMITED (see retryAt),"
        " NOT_ALLOWED for MSSP staff."
    )
    async def change_email(
        self,
        info: Info,
        input: Annotated[ChangeEmailInput, strawberry.argument(description="The new address, and the proof.")],
    ) -> AccountPayload | None:
        context = info.context
        return await changed(
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
