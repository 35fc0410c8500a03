"""The mutation updateUser."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.errors import UserError
from resolvers.core.global_ids import id_of
from resolvers.query import Query
from resolvers.shared_descriptions import READ_AGAIN
from resolvers.types.users.portal_user import PortalUser
from rules import user_fields
from rules.lifecycle.actions import ACTIONS, Action
from services.users.edits import update_user


@strawberry.input(
    description="The fields to change. An absent field is kept; null or an empty text clears it. The username, and the fields"
    " that the portal's policy requires, cannot be cleared: REQUIRED_FIELD_MISSING."
)
class UpdateUserInput:
    id: strawberry.ID = strawberry.field(
        description="The user's global id. The id of a member of staff is NOT_FOUND; see updateStaff."
    )
    version: int | None = strawberry.field(
        default=None,
        description="The `PortalUser.version` that the edit is based on. If the user has changed since, the answer is"
        " VERSION_CONFLICT. Null: overwrite other changes.",
    )
    first_name: strawberry.Maybe[str | None] = strawberry.field(
        description=f"The first name, at most {user_fields.LONGEST['first_name']} characters."
    )
    last_name: strawberry.Maybe[str | None] = strawberry.field(
        description=f"The last name, at most {user_fields.LONGEST['last_name']} characters."
    )
    username: strawberry.Maybe[str | None] = strawberry.field(
        description=f"The username, at most {user_fields.LONGEST['username']} characters, unique in the portal without regard to"
        " case. The stored username is no change: if it is the old e-mail address, it follows a new `email`, also if it is sent."
        " Another one for the viewer's own account is NOT_ALLOWED."
    )
    email: strawberry.Maybe[str | None] = strawberry.field(
        description=f"The e-mail address, at most {user_fields.LONGEST['email']} characters. Another one for the viewer's own"
        " account is NOT_ALLOWED: use changeEmail. For another user:\n"
        "- A new address of a confirmed user is `pendingEmail` until it is verified with the link mailed to it. The user's sessions"
        " end, and the user cannot sign in until then.\n"
        "- A new address of an UNCONFIRMED user takes effect at once, and a pending invitation is REVOKED: invite the user again.\n"
        "- The current address is no change. Given alone, without another field than `id` and `version`, it cancels a pending"
        " change.\n"
        "- The pending address is no change, and is not mailed again: use resendVerifications.\n"
        "- Null takes effect at once, and no mail is sent: the address and a pending change are removed, the sessions end, and the"
        " links that were mailed for them stop working. The username stays."
    )

    def sent_values(self) -> dict[str, str | None]:
        """Return the values that the client sent, by field, such as `{"first_name": "Ann"}`. A sent null is None."""
        fields = {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "username": self.username,
            "email": self.email,
        }
        return {name: field.value for name, field in fields.items() if field is not None}


@strawberry.type(description="The result of an edit.")
class UpdateUserPayload:
    user: PortalUser | None = strawberry.field(
        description="The user as stored now, even if `errors` is not empty. Null if the user is not found."
    )
    errors: list[UserError] = strawberry.field(description="Why the edit was refused. Empty if it was made.")

    @strawberry.field(description=READ_AGAIN)
    async def query(self) -> Query:
        return Query()


@strawberry.type
class EditMutations:
    @access_checked_field(ACTIONS[Action.UPDATE].description)
    async def update_user(
        self,
        info: Info,
        input: Annotated[UpdateUserInput, strawberry.argument(description="The user, and the fields to change.")],
    ) -> UpdateUserPayload | None:
        context = info.context
        try:
            edited = await update_user(
                context.runtime, context.account, id_of("PortalUser", input.id), input.sent_values(), input.version
            )
        finally:
            context.forget()
        return UpdateUserPayload(
            user=PortalUser.of(edited.user) if edited.user else None,
            errors=UserError.all_of(edited.refusal) if edited.refusal else [],
        )
