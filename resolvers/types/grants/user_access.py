"""The field `access` of PortalUser: what the user may reach."""

from __future__ import annotations

from typing import Any

import strawberry

from models.grants import catalogue
from models.grants.of_users import Grant
from models.users.table import UserRow
from resolvers.core.context import Info
from resolvers.core.extend import extend
from resolvers.core.field_costs import cost
from resolvers.loading.batched import batched
from resolvers.types.grants.grantables import AppRole, Group, Module, SubAccount, Workspace, grantable_of
from resolvers.types.users.portal_user import PortalUser
from rules.grants.kinds import MOST_GRANTED, SYSTEM_GROUP, GrantableKind, ModuleAccess
from rules.lifecycle.licenses import UserKind


@strawberry.type(description="A module that a user holds.")
class ModuleGrant:
    module: Module = strawberry.field(description="The module.")
    access: ModuleAccess = strawberry.field(description="What the user may do in it: READ or WRITE.")


@strawberry.type(
    description="What a user may reach in the portal. A new user has access to the portal's pages, and holds nothing else. Lists are"
    " ordered by name."
)
class UserAccess:
    row: strawberry.Private[UserRow]

    @strawberry.field(
        description="Whether the user may use the portal at all. If false, the user cannot sign in (PORTAL_ACCESS_CLOSED) and is"
        " refused at the next request. The status, the license seat and the rest of the access stay."
    )
    def portal_access(self) -> bool:
        return self.row.portal_access

    @strawberry.field(
        description=f"The modules that the user may read or write; at most {MOST_GRANTED}.",
        metadata=cost(entries=MOST_GRANTED),
    )
    @batched
    async def modules(self, info: Info) -> list[ModuleGrant]:
        held = await self._held(info, GrantableKind.MODULE)
        return [ModuleGrant(module=grantable_of(g.grantable), access=g.level) for g in held if g.level]

    @strawberry.field(
        description="Whether the user reaches every sub-account of the portal, also those that are added later. `subAccounts` then"
        " holds no more than those that were granted one by one."
    )
    def all_sub_accounts(self) -> bool:
        return self.row.all_sub_accounts

    @strawberry.field(
        description=f"The sub-accounts that were granted to the user one by one; at most {MOST_GRANTED}. See `allSubAccounts`.",
        metadata=cost(entries=MOST_GRANTED),
    )
    @batched
    async def sub_accounts(self, info: Info) -> list[SubAccount]:
        return await self._granted(info, GrantableKind.SUB_ACCOUNT)

    @strawberry.field(
        description=f"The workspaces that are open to the user; at most {MOST_GRANTED}.",
        metadata=cost(entries=MOST_GRANTED),
    )
    @batched
    async def workspaces(self, info: Info) -> list[Workspace]:
        return await self._granted(info, GrantableKind.WORKSPACE)

    @strawberry.field(
        description=f"The user's groups; at most {MOST_GRANTED}, and for EXTERNAL users the system group `{SYSTEM_GROUP}`"
        " besides.",
        metadata=cost(entries=MOST_GRANTED + 1),
    )
    @batched
    async def groups(self, info: Info) -> list[Group]:
        groups = [grant.grantable for grant in await self._held(info, GrantableKind.GROUP)]
        if self.row.kind is UserKind.EXTERNAL:
            groups = sorted([*groups, catalogue.system_group(self.row.portal_id)], key=lambda group: group.order)
        return [grantable_of(group) for group in groups]

    @strawberry.field(
        description=f"The user's roles in the portal's apps, ordered by app, then by name; at most {MOST_GRANTED}.",
        metadata=cost(entries=MOST_GRANTED),
    )
    @batched
    async def app_roles(self, info: Info) -> list[AppRole]:
        return await self._granted(info, GrantableKind.APP_ROLE)

    async def _granted(self, info: Info, kind: GrantableKind) -> list[Any]:
        return [grantable_of(grant.grantable) for grant in await self._held(info, kind)]

    async def _held(self, info: Info, kind: GrantableKind) -> list[Grant]:
        held = await info.context.loaders.grants.load(self.row.id) or []
        return [grant for grant in held if grant.grantable.kind is kind]


@extend(PortalUser)
class UserWithAccess(PortalUser):
    @strawberry.field(description="What the user may reach in the portal.")
    def access(self) -> UserAccess:
        return UserAccess(row=self.row)
