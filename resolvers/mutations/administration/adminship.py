"""The mutation that hands over the role of an admin."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.errors import Refusable, UserError
from resolvers.core.global_ids import id_of
from resolvers.types.users.portal_user import PortalUser
from rules.refusals import Refusal
from services.users import adminship


@strawberry.input(description="Who becomes an admin, and who is no admin afterwards.")
class TransferPortalAdminInput:
    to_user_id: strawberry.ID = strawberry.field(
        description="The global id of the new admin: a user of the portal who is enabled and no admin."
    )
    from_user_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The global id of the admin who gives up the role. Null or empty: the portal's only admin who is not"
        " DEACTIVATED; if there is none or several, INVALID_INPUT.",
    )


@strawberry.type(description="The result of a handover of the role of an admin.")
class TransferPortalAdminPayload(Refusable):
    new_admin: PortalUser | None = strawberry.field(
        default=None, description="The new admin as stored now. Null if `errors` is not empty."
    )
    former_admin: PortalUser | None = strawberry.field(
        default=None, description="The former admin as stored now. Null if `errors` is not empty."
    )
    errors: list[UserError] = strawberry.field(
        description="NOT_ALLOWED (the viewer manages no users), NOT_FOUND, INVALID_INPUT, ADMIN_LIMIT_REACHED (only if the former"
        " admin did not count against `PortalPolicy.maxAdmins`, or the limit was lowered). Empty if the role was handed over."
    )


@strawberry.type
class AdminshipMutations:
    @access_checked_field(
        "Hand over the role of an admin to another user of the portal, in one step. Works in a portal with"
        " `PortalPolicy.maxAdmins` 1, too. The sessions of both users end at once: if the viewer is the former admin, the"
        " viewer is signed out, and sees nothing but this answer. Of two handovers of the same role at the same time, one is"
        " refused."
    )
    async def transfer_portal_admin(
        self,
        info: Info,
        input: Annotated[TransferPortalAdminInput, strawberry.argument(description="The new and the former admin.")],
    ) -> TransferPortalAdminPayload | None:
        context = info.context
        try:
            done = await adminship.transfer(
                context.runtime,
                context.account,
                id_of("PortalUser", input.to_user_id),
                id_of("PortalUser", input.from_user_id) if input.from_user_id else None,
                from_only_admin=not input.from_user_id,
            )
        except Refusal as refusal:
            return TransferPortalAdminPayload.refused(refusal)
        finally:
            context.forget()
        return TransferPortalAdminPayload(
            new_admin=PortalUser.of(done.new_admin), former_admin=PortalUser.of(done.former_admin), errors=[]
        )
