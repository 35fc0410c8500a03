"""The requirements for a new password of an account."""

from __future__ import annotations

import strawberry

from resolvers.core.context import Info
from rules.auth.link_purposes import Purpose
from rules.auth.passwords import LONGEST, shortest
from rules.refusals import Refusal
from services.auth import accounts
from services.auth.accounts import Account
from services.links import find_active

ALLOWS_A_PASSWORD = (Purpose.INVITATION, Purpose.REGISTRATION, Purpose.RESET_PASSWORD, Purpose.PASSWORD_CHANGE)
"""The purposes of the tokens with which a password can be set."""


@strawberry.type(
    description="What a new password of an account must satisfy. Any characters are allowed, none is required. Passwords"
    " that are easy to guess are refused too (WEAK_PASSWORD). Characters are counted after Unicode normalization (NFKC)."
)
class PasswordRequirements:
    min_length: int = strawberry.field(
        description="Minimum number of characters. It is smaller if the account has a second factor, or if the portal"
        " requires one."
    )
    max_length: int = strawberry.field(default=LONGEST, description="Maximum number of characters.")

    @classmethod
    def of(cls, account: Account) -> PasswordRequirements:
        return cls(min_length=shortest(has_second_factor=account.mfa_enrolled or account.mfa_required))


async def requirements_of_viewer(info: Info) -> PasswordRequirements | None:
    """Return the requirements for the viewer. Raise Refusal(UNAUTHENTICATED) if the caller is not signed in."""
    account = await accounts.by_key(info.context.account.key)
    return PasswordRequirements.of(account) if account else None


async def requirements_by_token(info: Info, token: str) -> PasswordRequirements | None:
    """Return the requirements for the account that owns the token of an active link or sign-in step.

    Return None if no link or step with a purpose in ALLOWS_A_PASSWORD has the token, or if the account is deleted.
    """
    for purpose in ALLOWS_A_PASSWORD:
        try:
            link = await find_active(purpose, token, info.context.now())
        except Refusal:
            continue
        account = await accounts.by_key(link.owner)
        return PasswordRequirements.of(account) if account else None
    return None
