"""The fields `licenseTiles` and `users` of Portal.

The fields are not declared in portal.py, because the modules of their types import `Portal`.
"""

from __future__ import annotations

import strawberry

from resolvers.core.context import Info
from resolvers.core.extend import extend
from resolvers.paging.arguments import Paging, paged_field
from resolvers.types.portals.license_tiles import LicenseTiles, tiles_of
from resolvers.types.portals.portal import Portal
from resolvers.types.users.user_arguments import (
    CategoryArgument,
    FilterArgument,
    OrderArgument,
    SearchArgument,
    user_query,
)
from resolvers.types.users.user_connection import UserConnection
from resolvers.types.users.user_lists import portal_users
from rules.rights.root_fields import require_second_factor


@extend(Portal)
class PortalContents(Portal):
    @strawberry.field(description="The portal's license seats and tiles. Null for the role PORTAL_USER only.")
    def license_tiles(self, info: Info) -> LicenseTiles | None:
        require_second_factor("Portal.licenseTiles", info.context.account)
        return tiles_of(self.licensed, info.context.now()) if info.context.account.manages_users else None

    @paged_field(
        "portal_id",
        "The portal's users: the list of `users(portalId:)`, with the same cursors. Default order: LAST_NAME, FIRST_NAME. Null for"
        " the role PORTAL_USER only.",
    )
    async def users(
        self,
        info: Info,
        paging: Paging,
        category: CategoryArgument = None,
        filter: FilterArgument = None,
        search: SearchArgument = None,
        order_by: OrderArgument = None,
    ) -> UserConnection | None:
        require_second_factor("Portal.users", info.context.account)
        if not info.context.account.manages_users:
            return None
        query, sorting = user_query(category, filter, search, order_by)
        return portal_users(info, self.licensed.row, query, sorting, paging)
