"""The list of an MSSP's staff."""

from __future__ import annotations

import strawberry

from models import staff
from models.db.keyset import pages as keyset
from resolvers.core.context import Info
from resolvers.enums.roles import StaffRole
from resolvers.loading.once import Once
from resolvers.paging.arguments import Paging
from resolvers.paging.connection import Connection, Edge
from resolvers.paging.cursors import write_cursor
from resolvers.types.accounts.staff import StaffMember
from resolvers.types.users.user_arguments import checked_search
from rules.access import Role
from rules.text.search import words


@strawberry.type(name="StaffEdge", description="A member of staff in a list, with the cursor.")
class StaffEdge(Edge[StaffMember]):
    pass


@strawberry.type(name="StaffConnection", description="A page of members of staff.")
class StaffConnection(Connection[StaffMember]):
    @strawberry.field(description="The items of the page, with a cursor each.")
    async def edges(self) -> list[StaffEdge]:  # the contract names the type
        page = await self.page()
        return [
            StaffEdge(node=self.render(row), cursor=write_cursor(self.order, position, self.key))
            for row, position in zip(page.rows, page.positions, strict=True)
        ]


def staff_list(info: Info, search: str | None, role: StaffRole | None, paging: Paging) -> StaffConnection:
    """Return the staff of the MSSP, ordered by name. If the viewer is not an MSSP admin, the list is empty."""
    found = words(checked_search(search))
    where = staff.listed_visible_to(info.context.account, found, Role[role.name] if role else None)
    window = paging.window(staff.BY_NAME)
    return StaffConnection(
        order=staff.BY_NAME,
        page=Once(lambda: keyset.page(staff.LISTING, where, window)),
        total=Once(lambda: keyset.count(staff.LISTING.source, where)),
        render=StaffMember.of,
        key=paging.key,
    )
