"""The payload of mutations of one's own account."""

from __future__ import annotations

from collections.abc import Awaitable

import strawberry

from resolvers.core.context import Info
from resolvers.core.errors import UserError
from resolvers.types.accounts.account import Account
from resolvers.types.accounts.account_lookup import find_account
from rules.refusals import Refusal


@strawberry.type(description="The result of a change of an account.")
class AccountPayload:
    account: Account | None = strawberry.field(
        description="The viewer's account after the change. Null on errors, and always null in mutations that need no"
        " access token; see `errors`."
    )
    portal_slug: str | None = strawberry.field(
        default=None,
        description="Where to sign in next: the `Portal.slug` of the account whose link was used (completePasswordReset,"
        " verifyEmail, cancelEmailChange with a token). Null for MSSP staff, who sign in without one, on errors, and in all other mutations.",
    )
    errors: list[UserError] = strawberry.field(
        description="Why the call was refused: each mutation lists its codes. Empty if the call was not refused."
    )

    @classmethod
    def refused(cls, refusal: Refusal) -> AccountPayload:
        return cls(account=None, errors=UserError.all_of(refusal))


async def run_for_owner(info: Info, change: Awaitable[None]) -> AccountPayload:
    """Await a change of the viewer's account, and return the payload: with the changed account, or with the refusal."""
    actor = info.context.account
    try:
        await change
    except Refusal as refusal:
        return AccountPayload.refused(refusal)
    finally:
        info.context.forget()
    return AccountPayload(account=await find_account(info, actor.id), errors=[])


async def run_without_account(change: Awaitable[str | None]) -> AccountPayload:
    """Await a change that requires no access token, and return the payload, with the refusal if there is one.

    `change` returns the `portal_slug` of the payload.
    """
    try:
        portal_slug = await change
    except Refusal as refusal:
        return AccountPayload.refused(refusal)
    return AccountPayload(account=None, portal_slug=portal_slug, errors=[])
