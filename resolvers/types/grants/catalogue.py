"""The field `grantables` of Portal: what the portal can grant its users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import strawberry

from models.db.sql import Sql
from models.grants import catalogue
from models.portals.table import PortalRow
from resolvers.core.context import Info
from resolvers.core.extend import extend
from resolvers.core.field_costs import cost
from resolvers.loading.once import Once
from resolvers.paging.arguments import Paging, paged_field
from resolvers.paging.connection import Connection
from resolvers.types.grants.grantables import AppRole, Group, Module, SubAccount, Workspace, grantable_of
from resolvers.types.portals.portal import Portal
from resolvers.types.users.user_arguments import MAX_SEARCH_LENGTH, checked_search
from rules.grants.kinds import MOST_ENTRIES, GrantableKind
from rules.rights.root_fields import require_second_factor
from rules.text.search import words


@strawberry.type(description="The catalogue of a portal: what can be granted to its users.")
class Grantables:
    id: strawberry.Private[strawberry.ID]  # the owner of the cursors
    portal: strawberry.Private[PortalRow]

    @strawberry.field(
        description=f"The modules, ordered by name; at most {MOST_ENTRIES}.", metadata=cost(entries=MOST_ENTRIES)
    )
    async def modules(self, info: Info) -> list[Module]:
        return await self._listed(info, GrantableKind.MODULE)

    @paged_field("portal_id", "The sub-accounts, ordered by name.")
    async def sub_accounts(
        self,
        info: Info,
        paging: Paging,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="Words of the name, in any order; a word may be a part. Case and accents make no difference. At"
                f" most {MAX_SEARCH_LENGTH} characters; a longer search is refused with BAD_USER_INPUT. Null or empty: all"
                " sub-accounts."
            ),
        ] = None,
    ) -> Connection[SubAccount]:
        return _sub_accounts(info, self.portal, words(checked_search(search)), paging)

    @strawberry.field(
        description=f"The workspaces, ordered by name; at most {MOST_ENTRIES}.", metadata=cost(entries=MOST_ENTRIES)
    )
    async def workspaces(self, info: Info) -> list[Workspace]:
        return await self._listed(info, GrantableKind.WORKSPACE)

    @strawberry.field(
        description=f"The groups, ordered by name, the system group among them; at most {MOST_ENTRIES}.",
        metadata=cost(entries=MOST_ENTRIES),
    )
    async def groups(self, info: Info) -> list[Group]:
        return await self._listed(info, GrantableKind.GROUP)

    @strawberry.field(
        description=f"The roles of the portal's apps, ordered by app, then by name; at most {MOST_ENTRIES}.",
        metadata=cost(entries=MOST_ENTRIES),
    )
    async def app_roles(self, info: Info) -> list[AppRole]:
        return await self._listed(info, GrantableKind.APP_ROLE)

    async def _listed(self, info: Info, kind: GrantableKind) -> list[Any]:
        rows = await info.context.loaders.catalogues.load((self.portal.id, kind))
        return [grantable_of(row) for row in rows]


def _sub_accounts(info: Info, portal: PortalRow, wanted: Sequence[str], paging: Paging) -> Connection[SubAccount]:
    """Return the portal's sub-accounts whose names contain all words in `wanted`.

    If a query reads the sub-accounts of several portals, one SQL statement reads the pages of all these portals.
    """
    actor, loaders, window = info.context.account, info.context.loaders, paging.window(catalogue.BY_NAME)

    def where(portal_id: UUID) -> Sql:
        return catalogue.sub_accounts_managed_by(actor, portal_id, wanted)

    what, source = ("sub-accounts", tuple(wanted)), catalogue.SUB_ACCOUNTS.source
    return Connection(
        order=catalogue.BY_NAME,
        page=Once(lambda: loaders.pages_by_owner(what, catalogue.SUB_ACCOUNTS, where, window).load(portal.id)),
        total=Once(lambda: loaders.counts_by_owner(what, source, where).load(portal.id)),
        render=grantable_of,
        key=paging.key,
    )


@extend(Portal)
class PortalCatalogue(Portal):
    @strawberry.field(description="What can be granted to the portal's users. Null for the role PORTAL_USER only.")
    def grantables(self, info: Info) -> Grantables | None:
        require_second_factor("Portal.grantables", info.context.account)
        if not info.context.account.manages_users:
            return None
        return Grantables(id=self.id, portal=self.licensed.row)
