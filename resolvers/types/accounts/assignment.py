"""The assignment of a technician."""

from __future__ import annotations

from datetime import datetime

import strawberry

from models.staff import StaffRow
from resolvers.core.context import Info
from resolvers.core.field_costs import cost
from resolvers.paging.arguments import Paging, paged_field
from resolvers.paging.connection import Connection
from resolvers.types.portals.portal import Portal
from resolvers.types.portals.portal_lists import listed_portals
from rules.administration.tags import MOST_TAGS


@strawberry.type(
    description="The portals of a technician: the listed portals and the portals with one of the tags, or every portal of the"
    " MSSP but these; until an optional end. A portal that gets a tag later is included from then on. A change holds from the"
    " technician's next request on."
)
class Assignment:
    id: strawberry.Private[strawberry.ID]
    row: strawberry.Private[StaffRow]
    all_except: bool = strawberry.field(
        description="Whether the technician has every portal of the MSSP except those of `portals` and `tags`."
    )
    ends_at: datetime | None = strawberry.field(
        description="Time from which the technician has no portal. It may be in the past. Null: no end."
    )

    @classmethod
    def of(cls, row: StaffRow, global_id: strawberry.ID) -> Assignment:
        return cls(id=global_id, row=row, all_except=row.assigned_all_except, ends_at=row.assigned_until)

    @strawberry.field(description="The tags, in the order of the alphabet.", metadata=cost(entries=MOST_TAGS))
    async def tags(self, info: Info) -> list[str]:
        return await info.context.loaders.assigned_tags.load(self.row.id) or []

    @paged_field(
        "assignment_of",
        "The listed portals that the viewer may see, ordered by name. Portals that only a tag includes are in"
        " `StaffMember.portals`.",
    )
    async def portals(self, info: Info, paging: Paging) -> Connection[Portal]:
        return listed_portals(info, self.row, paging)
