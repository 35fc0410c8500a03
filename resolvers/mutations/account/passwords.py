"""Reset or change the password of one's own account."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.duration_text import duration_text
from resolvers.mutations.account.account_payload import AccountPayload, run_for_owner, run_without_account
from resolvers.mutations.password_rules import PASSWORD_RULES
from resolvers.shared_descriptions import OF_THE_LINK, PROOF_OF_THE_OWNER, SIGN_IN_SLUG
from rules.mail.cooldown import COOLDOWN
from services.passwords import password_change, password_reset


@strawberry.input(description="The account that needs a new password.")
class RequestPasswordResetInput:
    email: str = strawberry.field(description="The account's e-mail address, not its username. Case does not matter.")
    portal_slug: str | None = strawberry.field(
        default=None,
        description=SIGN_IN_SLUG,
    )


@strawberry.input(description="The token of a reset link, and the new password.")
class CompletePasswordResetInput:
    token: str = strawberry.field(description=OF_THE_LINK)
    password: str = strawberry.field(
        description=f"{PASSWORD_RULES}, and so is the current password after a reset by an admin."
    )


@strawberry.input(description="The current and the new password.")
class ChangePasswordInput:
    current_password: str = strawberry.field(description=PROOF_OF_THE_OWNER)
    new_password: str = strawberry.field(description=f"{PASSWORD_RULES}, and so is the current password.")


@strawberry.type
class PasswordMutations:
    @access_checked_field(
        "Mail a password reset link (`…/reset-password#token=…`) to the account's verified address. The"
        " answer is the same whether or not the account exists and may have a link: `account` is null and"
        " `errors` is empty. The old password stays valid until the new one is set, unless an admin has requested a reset. If"
        " a reset link is valid already, also one that an admin requested (blocker RESET_PENDING), the same link is mailed"
        f" again and keeps its end; if it has expired, a new one is mailed. No mail is sent if the last one is less than {duration_text(COOLDOWN)} old. Requires no access token. Errors:"
        " RATE_LIMITED (too many requests; see `retryAt`)."
    )
    async def request_password_reset(
        self,
        info: Info,
        input: Annotated[RequestPasswordResetInput, strawberry.argument(description="The account.")],
    ) -> AccountPayload | None:
        context = info.context
        return await run_without_account(
            password_reset.request(
                context.runtime, context.ports, context.caller, portal_slug=input.portal_slug, email=input.email
            )
        )

    @access_checked_field(
        "Set a new password with a reset link, requested by the account or by an admin. The link can be"
        " used once, and for `passwordResetTtlHours` of the portal's policy. Ends every session, opens"
        " none, and ends a lockout. Sign in afterwards (`portalSlug`). linkPreview shows the link before. Requires no access token. Errors: INVALID_TOKEN"
        " (the link is used, replaced or expired, or the account may not set a password now), WEAK_PASSWORD"
        " (the link stays valid), RATE_LIMITED."
    )
    async def complete_password_reset(
        self,
        info: Info,
        input: Annotated[
            CompletePasswordResetInput, strawberry.argument(description="The link, and the new password.")
        ],
    ) -> AccountPayload | None:
        context = info.context
        return await run_without_account(
            password_reset.complete(
                context.runtime, context.ports, context.caller, token=input.token, password=input.password
            )
        )

    @access_checked_field(
        "Change the viewer's password. Ends every other session and mails a notice to the owner. Errors:"
        " INVALID_CREDENTIALS (path `currentPassword`), WEAK_PASSWORD (path `newPassword`), NOT_ALLOWED"
        " (the portal's policy does not allow signing in with a password), RATE_LIMITED (too many attempts;"
        " wrong passwords count as failed sign-ins, and lock the account for new sign-ins)."
    )
    async def change_password(
        self,
        info: Info,
        input: Annotated[ChangePasswordInput, strawberry.argument(description="The current and the new password.")],
    ) -> AccountPayload | None:
        context = info.context
        return await run_for_owner(
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
