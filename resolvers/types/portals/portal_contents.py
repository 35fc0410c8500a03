"""Fields of a portal whose types lead back to it: its tiles and its users."""

from __future__ import annotations

import strawberry

from resolvers.core.connections import After, Before, Connection, First, Last, Paging
from resolvers.core.context import Info
from resolvers.core.extend import extend
from resolvers.types.portals.license_tiles import LicenseTiles, tiles_of
from resolvers.types.portals.portal import Portal
from resolvers.types.users.portal_user import PortalUser
from resolvers.types.users.user_arguments import CategoryArgument, FilterArgument, OrderArgument, SearchArgument, asked
from resolvers.types.users.user_lists import users_below


@extend(Portal)
class PortalContents(Portal):
    @strawberry.field(description="The portal's tiles and seats. Null for portal users.")
    async def license_tiles(self, info: Info) -> LicenseTiles | None:
        return tiles_of(self.licensed, info.context.now()) if info.context.account.manages_users else None

    @strawberry.field(
        description="The portal's users. Default order: LAST_NAME, FIRST_NAME. Null for portal users. Below a list of"
        " portals every portal's page is read in the same statement."
    )
    async def users(
        self,
        info: Info,
        category: CategoryArgument = None,
        filter: FilterArgument = None,
        search: SearchArgument = None,
        order_by: OrderArgument = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PortalUser] | None:
        if not info.context.account.manages_users:
            return None
        which, sorting = asked(category, filter, search, order_by)
        return users_below(info, self.licensed.row.id, which, sorting, Paging(first, after, last, before))
