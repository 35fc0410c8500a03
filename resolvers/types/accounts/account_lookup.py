"""Find a portal user or a member of staff by the row id."""

from __future__ import annotations

from uuid import UUID

from resolvers.core.context import Info
from resolvers.types.accounts.account import Account
from resolvers.types.accounts.staff import StaffMember
from resolvers.types.users.portal_user import PortalUser

DELETED_ACCOUNT = "Deleted account"
"""The name that the audit log and operations show for an account that no longer exists."""

ACTOR_NAME = f'even if the account itself is not visible to the viewer; "{DELETED_ACCOUNT}" if it is deleted'
"""The last part of the description of each field that shows the name of an actor."""


async def find_account(info: Info, account_id: UUID | None) -> Account | None:
    """Return the account with the row id, or None if there is none that the viewer can see."""
    if account_id is None:
        return None
    loaders = info.context.loaders
    if user := await loaders.users.load(account_id):
        return PortalUser.of(user)
    member = await loaders.staff.load(account_id)
    return StaffMember.of(member) if member else None
