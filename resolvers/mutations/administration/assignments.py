"""The mutation assignPortals."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.global_ids import id_of
from resolvers.mutations.administration.staff_payload import StaffPayload, run_for_staff
from rules.administration import tags
from rules.administration.tags import LONGEST_TAG, MOST_TAGS
from rules.refusals import Refusal
from services.administration.staff.assignments import MOST_PORTALS, NewAssignment, assign


@strawberry.input(
    description="The new assignment of a technician. It replaces the earlier one: without portals and tags, the technician has no"
    " portal or, with `allExcept`, every portal of the MSSP."
)
class AssignPortalsInput:
    staff_id: strawberry.ID = strawberry.field(description="The global id of a technician.")
    all_except: bool = strawberry.field(
        default=False, description="Whether the technician gets every portal of the MSSP except the given ones."
    )
    portal_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description=f"Global ids of portals of the MSSP, at most {MOST_PORTALS:,}."
    )
    tags: list[str] = strawberry.field(
        default_factory=list,
        description=f"Tags of portals, at most {MOST_TAGS} of at most {LONGEST_TAG} characters; portals that get a tag later"
        " are included. No portal needs to have the tag now.",
    )
    ends_at: datetime | None = strawberry.field(
        default=None, description="Time from which the technician has no portal. Null: no end."
    )

    def assignment(self) -> NewAssignment:
        """Convert the input to an assignment with row ids. Raise Refusal(INVALID_INPUT) if a tag is not valid."""
        return NewAssignment(
            tuple(id_of("Portal", text) for text in self.portal_ids),
            tuple(tags.validate(self.tags)),
            self.all_except,
            self.ends_at,
        )


@strawberry.type
class AssignmentMutations:
    @access_checked_field(
        "Replace the portals that a technician is assigned to. The change holds from the technician's next request on; the"
        " sessions continue. Only MSSP admins may call it. Errors: NOT_ALLOWED, NOT_FOUND (`path` names the id), INVALID_INPUT."
    )
    async def assign_portals(
        self,
        info: Info,
        input: Annotated[AssignPortalsInput, strawberry.argument(description="The technician, and the portals.")],
    ) -> StaffPayload | None:
        context = info.context
        try:
            new = input.assignment()
        except Refusal as refusal:
            return StaffPayload.refused(refusal)
        change = assign(context.runtime, context.account, id_of("StaffMember", input.staff_id), new)
        return await run_for_staff(info, change)
