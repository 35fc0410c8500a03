"""Reset a forgotten password, or change one's own."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import root_field
from resolvers.core.context import Info
from resolvers.mutations.account.account_payload import AccountPayload, changed, done_for_stranger
from services.passwords import password_change, password_reset


@strawberry.input(description="Who forgot the password.")
class RequestPasswordResetInput:
    email: str = strawberry.field(description="The account's e-mail address, not its username; without regard to case.")
    portal_slug: str | None = strawberry.field(
        default=None, description="`Portal.slug` of the portal that the account belongs to. Absent for MSSP staff."
    )


@strawberry.input(description="The link's token, and the new password.")
class CompletePasswordResetInput:
    token: str = strawberry.field(description="From the link of the mail: what follows `#token=`.")
    password: str = strawberry.field(
        description="15 to 128 characters, 8 where a second factor is set up or required; any characters, none"
        " required. Easily guessed ones are refused; after an admin's reset the one that the account has is, too."
    )


@strawberry.input(description="The password as it is, and as it is to be.")
class ChangePasswordInput:
    current_password: str = strawberry.field(description="The password that the viewer signed in with.")
    new_password: str = strawberry.field(
        description="15 to 128 characters, 8 where a second factor is set up or required; any characters, none"
        " required. Easily guessed ones, and the current one, are refused."
    )


@strawberry.type
class PasswordMutations:
    @root_field(
        "Mails a link (`…/reset-password#token=…`) for a new password to the account's verified address. Answers"
        " always the same, whether or not there is such an account and whether or not it may have a link: `account`"
        " null and no errors. Nothing else changes: the old password works until the new one is set. At most one mail"
        " a minute; a new link kills the one before. For strangers; a token is ignored. RATE_LIMITED after many"
        " calls."
    )
    async def request_password_reset(
        self,
        info: Info,
        input: Annotated[RequestPasswordResetInput, strawberry.argument(description="Who forgot the password.")],
    ) -> AccountPayload | None:
        context = info.context
        return await done_for_stranger(
            password_reset.request(
                context.runtime, context.ports, context.caller, portal_slug=input.portal_slug, email=input.email
            )
        )

    @root_field(
        "Sets a new password with the link of a reset mail, an admin's or one asked for. The link works once and"
        " lives as long as the portal's policy says, 24 hours by default. Ends every session and opens none: sign in"
        " afterwards, with the second factor where one is set up. Errors: INVALID_TOKEN (used, replaced, past its"
        " end, or the account may have no new password now), WEAK_PASSWORD (the link stays good). Takes a lock for"
        " wrong passwords off. For strangers; a token in the header is ignored."
    )
    async def complete_password_reset(
        self,
        info: Info,
        input: Annotated[CompletePasswordResetInput, strawberry.argument(description="The link, and the password.")],
    ) -> AccountPayload | None:
        context = info.context
        return await done_for_stranger(
            password_reset.complete(
                context.runtime, context.ports, context.caller, token=input.token, password=input.password
            )
        )

    @root_field(
        "Replaces the viewer's own password. Every other session ends, this one goes on; the owner is told by mail."
        " Errors: INVALID_CREDENTIALS at currentPassword, WEAK_PASSWORD at newPassword, NOT_ALLOWED where the"
        " portal's users have no passwords of their own, RATE_LIMITED after too many tries: wrong ones count as failed"
        " sign-ins do, and lock the account out for new sign-ins."
    )
    async def change_password(
        self,
        info: Info,
        input: Annotated[ChangePasswordInput, strawberry.argument(description="The old password, and the new one.")],
    ) -> AccountPayload | None:
        context = info.context
        return await changed(
            info,
            password_change.change(
                context.runtime,
                context.ports,
                context.caller,
                context.account,
                current_password=input.current_password,
                new_password=input.new_password,
            ),
        )
