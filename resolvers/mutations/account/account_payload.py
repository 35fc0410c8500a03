"""The payload of mutations of one's own account."""

from __future__ import annotations

from collections.abc import Awaitable

import strawberry

from resolvers.core.context import Info
from resolvers.core.errors import UserError
from resolvers.types.accounts.account import Account
from resolvers.types.accounts.account_lookup import find_account
from rules.refusals import Refusal


@strawberry.type(description="The account after a change of its own, or why there was none.")
class AccountPayload:
    account: Account | None = strawberry.field(
        description="The viewer's account as it is now. Null on errors, and for strangers even when all went well:"
        " look at `errors`."
    )
    errors: list[UserError] = strawberry.field(description="Why nothing was done. Empty when it was.")

    @classmethod
    def refused(cls, no: Refusal) -> AccountPayload:
        return cls(account=None, errors=[UserError.of(no)])


async def changed(info: Info, done: Awaitable[None]) -> AccountPayload:
    """What an owner is shown of something done to his own account: the account as it is afterwards, or why it was not."""
    actor = info.context.account
    try:
        await done
    except Refusal as no:
        return AccountPayload.refused(no)
    finally:
        info.context.forget()
    return AccountPayload(account=await find_account(info, actor.id), errors=[])


async def done_for_stranger(done: Awaitable[None]) -> AccountPayload:
    """What a stranger is shown: nothing but why it was not done."""
    try:
        await done
    except Refusal as no:
        return AccountPayload.refused(no)
    return AccountPayload(account=None, errors=[])
