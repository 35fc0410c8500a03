"""The input and the payload of mutations of one member of staff."""

from __future__ import annotations

from collections.abc import Awaitable

import strawberry

from models.staff import StaffRow
from resolvers.core.context import Info
from resolvers.core.errors import Refusable, UserError
from resolvers.query import Query
from resolvers.shared_descriptions import READ_AGAIN
from resolvers.types.accounts.staff import StaffMember
from rules.refusals import Refusal


@strawberry.input(description="A member of staff.")
class StaffIdInput:
    """The base class of inputs that identify a member of staff. The schema has no type for the base class."""

    id: strawberry.ID = strawberry.field(description="The global id of a member of staff.")


@strawberry.type(description="The result of a change of a member of staff.")
class StaffPayload(Refusable):
    staff: StaffMember | None = strawberry.field(
        default=None, description="The member after the change. Null on errors."
    )
    errors: list[UserError] = strawberry.field(
        description="Why the call was refused: each mutation lists its codes. Empty if the call was not refused."
    )

    @strawberry.field(description=READ_AGAIN)
    async def query(self) -> Query:
        return Query()


async def run_for_staff(info: Info, change: Awaitable[StaffRow]) -> StaffPayload:
    """Await a change of a member of staff. Return the payload with the changed member or with the refusal."""
    try:
        member = await change
    except Refusal as refusal:
        return StaffPayload.refused(refusal)
    finally:
        info.context.forget()
    return StaffPayload(staff=StaffMember.of(member), errors=[])
