"""Members of an MSSP's staff, and the MSSP."""

from __future__ import annotations

import strawberry

from models.providers import MsspRow
from models.staff import StaffRow
from resolvers.core.context import Info
from resolvers.core.node import Node
from resolvers.core.row_fields import from_columns, shown, shows
from resolvers.enums.roles import StaffRole
from resolvers.paging.arguments import Paging, paged_field
from resolvers.paging.connection import Connection
from resolvers.types.accounts.account import Account
from resolvers.types.accounts.assignment import Assignment
from resolvers.types.portals.portal import Portal
from resolvers.types.portals.portal_lists import portals_of_staff
from rules.access import Role
from rules.rights.root_fields import require_second_factor


@strawberry.type(description="The settings of an MSSP.")
class MsspPolicy:
    staff_mfa_required: bool = strawberry.field(
        description="Whether the MSSP's staff must have a second factor. A member without one can only set it up, and"
        " everything else is FORBIDDEN (see `Session.mustEnrollMfa`). Default false."
    )


def _policy(staff_mfa_required: bool | None) -> MsspPolicy:
    return MsspPolicy(staff_mfa_required=bool(staff_mfa_required))


@shows(MsspRow, policy=from_columns(_policy, "staff_mfa_required"))
@strawberry.type(
    description="A managed security service provider (MSSP), which operates portals. MSSPs are isolated from each"
    " other."
)
class Mssp(Node):
    name: str = strawberry.field(description="The MSSP's name.")
    policy: MsspPolicy = strawberry.field(description="The MSSP's settings.")

    @classmethod
    def of(cls, row: MsspRow) -> Mssp:
        return shown(cls, row)


@shows(StaffRow, account_id=from_columns(None, "id"), staff_role=from_columns(None, "role"))
@strawberry.type(
    description="A member of an MSSP's staff. Visible to the MSSP's admins and to the member."
    " Only MSSP admins change the `name`, also their own, with updateStaff."
)
class StaffMember(Account):
    row: strawberry.Private[StaffRow]
    staff_role: StaffRole = strawberry.field(description="The member's role.")
    is_active: bool = strawberry.field(description="Whether the member may sign in. updateStaff changes it.")

    @classmethod
    def of(cls, row: StaffRow) -> StaffMember:
        return shown(cls, row, row=row)

    @strawberry.field(description="The MSSP that the member works for.")
    async def mssp(self, info: Info) -> Mssp:
        mssp = await info.context.loaders.providers.load(self.row.mssp_id)
        assert mssp is not None  # noqa: S101  # a viewer who sees a member of staff sees the MSSP
        return Mssp.of(mssp)

    @strawberry.field(
        description="Which portals the technician is assigned to. Null for MSSP admins, who have every portal of the MSSP."
    )
    def assignment(self, info: Info) -> Assignment | None:
        require_second_factor("StaffMember.assignment", info.context.account)
        return Assignment.of(self.row, self.id) if self.row.role is Role.MSSP_TECHNICIAN else None

    @paged_field(
        "staff_id",
        "The portals that the member manages and the viewer may see, ordered by name; empty while the viewer must set up a second"
        " factor (see `Session.mustEnrollMfa`). The viewer's own portals are also in `Query.portals`, with a search.",
    )
    async def portals(self, info: Info, paging: Paging) -> Connection[Portal]:
        return portals_of_staff(info, self.row, paging)
