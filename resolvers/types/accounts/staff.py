"""Members of an MSSP's staff, and the MSSP."""

from __future__ import annotations

import strawberry

from models.staff import MsspRow, StaffRow
from resolvers.core.connections import After, Before, Connection, First, Last, Paging
from resolvers.core.context import Info
from resolvers.core.global_ids import global_id
from resolvers.core.node import Node
from resolvers.enums.roles import StaffRole
from resolvers.types.accounts.account import Account
from resolvers.types.portals.portal import Portal
from resolvers.types.portals.portal_lists import portals_of_staff


@strawberry.type(description="A managed security service provider: it runs portals. MSSPs see nothing of each other.")
class Mssp(Node):
    name: str = strawberry.field(description="The provider's name.")

    @classmethod
    def of(cls, row: MsspRow) -> Mssp:
        return cls(id=global_id("Mssp", row.id), name=row.name)


@strawberry.type(description="A member of an MSSP's staff. Seen by the MSSP's admins and by himself.")
class StaffMember(Account):
    row: strawberry.Private[StaffRow]
    staff_role: StaffRole = strawberry.field(description="What this member reaches.")

    @classmethod
    def of(cls, row: StaffRow) -> StaffMember:
        return cls(
            id=global_id("StaffMember", row.id),
            account_id=row.id,
            name=row.name,
            email=row.email,
            staff_role=StaffRole(row.role.value),
            row=row,
        )

    @strawberry.field(description="The provider that this member works for.")
    async def mssp(self, info: Info) -> Mssp:
        provider = await info.context.loaders.providers.load(self.row.mssp_id)
        assert provider is not None  # noqa: S101  # whoever sees a member of staff sees the MSSP
        return Mssp.of(provider)

    @strawberry.field(description="The portals that this member reaches, as far as the viewer sees them; by name.")
    async def portals(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Portal]:
        return portals_of_staff(info, self.row, Paging(first, after, last, before))
