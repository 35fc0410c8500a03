"""Editing one user."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import root_field
from resolvers.core.context import Info
from resolvers.core.errors import UserError
from resolvers.core.global_ids import id_of
from resolvers.query import Query
from resolvers.types.users.portal_user import PortalUser
from rules.lifecycle.actions import ACTIONS, Action
from services.users import edits


@strawberry.input(description="Absent leaves alone, null empties; what the portal's policy requires cannot be emptied.")
class UpdateUserInput:
    id: strawberry.ID = strawberry.field(description="The user's global id.")
    version: int | None = strawberry.field(
        default=None,
        description="The `PortalUser.version` that was edited: when somebody changed the user meanwhile,"
        " VERSION_CONFLICT is answered. Absent or null: the last one wins.",
    )
    first_name: strawberry.Maybe[str | None] = strawberry.field(description="At most 100 characters.")
    last_name: strawberry.Maybe[str | None] = strawberry.field(description="At most 100 characters.")
    username: strawberry.Maybe[str | None] = strawberry.field(
        description="Unique in the portal; never null; at most 150 characters. Not one's own."
    )
    email: strawberry.Maybe[str | None] = strawberry.field(
        description="Of a confirmed user the new address waits in pendingEmail until it is verified by a mail to it,"
        " and sign-in is blocked until then; the present address takes a waiting change back. Of an UNCONFIRMED user"
        " it changes at once, and an invitation is REVOKED: invite again. At most 254 characters. Not one's own:"
        " changeEmail."
    )

    def given(self) -> dict[str, str | None]:
        """The fields that were sent."""
        fields = {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "username": self.username,
            "email": self.email,
        }
        return {name: some.value for name, some in fields.items() if some is not None}


@strawberry.type(description="The user after an edit, or why there was none.")
class UpdateUserPayload:
    user: PortalUser | None = strawberry.field(
        description="As stored now, also when errors is not empty; null when not found."
    )
    errors: list[UserError] = strawberry.field(description="Why nothing was changed. Empty when it was.")

    @strawberry.field(description="To refetch in the same round trip.")
    async def query(self) -> Query:
        return Query()


@strawberry.type
class EditMutations:
    @root_field(ACTIONS[Action.UPDATE].description)
    async def update_user(
        self,
        info: Info,
        input: Annotated[UpdateUserInput, strawberry.argument(description="Which user, and what to change.")],
    ) -> UpdateUserPayload | None:
        context = info.context
        try:
            edited = await edits.update_user(
                context.runtime, context.account, id_of("PortalUser", input.id), input.given(), input.version
            )
        finally:
            context.forget()
        return UpdateUserPayload(
            user=PortalUser.of(edited.user) if edited.user else None,
            errors=[UserError.of(edited.refusal)] if edited.refusal else [],
        )
