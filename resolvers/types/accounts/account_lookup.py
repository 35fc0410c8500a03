"""Find an account by its row id. An account is a portal user or a staff member."""

from __future__ import annotations

from uuid import UUID

from resolvers.core.context import Info
from resolvers.types.accounts.account import Account
from resolvers.types.accounts.staff import StaffMember
from resolvers.types.users.portal_user import PortalUser

DELETED_ACCOUNT = "Deleted account"

ACTOR_NAME = f'even if the account itself is not visible to the viewer; "{DELETED_ACCOUNT}" if it is deleted'
"""The end of the descriptions of the fields that hold the name of an actor."""
"""The name that logs show for an account that no longer exists."""


async def find_account(info: Info, account_id: UUID | None) -> Account | None:
    """Return the account if the viewer may see it, else None."""
    if account_id is None:
        return None
    loaders = info.context.loaders
    if user := await loaders.users.load(account_id):
        return PortalUser.of(user)
    member = await loaders.staff.load(account_id)
    return StaffMember.of(member) if member else None
