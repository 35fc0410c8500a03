"""The type PortalUserConnection: a page of users, with the number of users before the page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import field

import strawberry

from resolvers.core.field_costs import cost
from resolvers.paging.connection import COUNT_COST, Connection
from resolvers.types.users.portal_user import PortalUser


@strawberry.type(name="PortalUserConnection", description="A page of users.")
class UserConnection(Connection[PortalUser]):
    users_before: strawberry.Private[Callable[[], Awaitable[int]]] = field(kw_only=True)

    @strawberry.field(
        description='Number of users before this page in the list: with `totalCount`, "51 to 100 of 312".',
        metadata=cost(own=COUNT_COST),
    )
    async def offset(self) -> int:
        return await self.users_before()
