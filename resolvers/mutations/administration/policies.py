"""The mutation updatePortalPolicy."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.errors import Refusable, UserError
from resolvers.core.global_ids import id_of
from resolvers.mutations.administration.policy_input import UpdatePortalPolicyInput
from resolvers.query import Query
from resolvers.shared_descriptions import READ_AGAIN
from resolvers.types.portals.portal import Portal
from rules.refusals import Refusal
from services.administration.policies import update_policy


@strawberry.type(description="The result of a change of a portal's policy.")
class PortalPolicyPayload(Refusable):
    portal: Portal | None = strawberry.field(
        default=None, description="The portal with its new policy. Null if `errors` is not empty."
    )
    errors: list[UserError] = strawberry.field(
        description="Why the change was refused: INVALID_INPUT with one error for each wrong setting, NOT_FOUND, or"
        " NOT_ALLOWED unless the viewer is an MSSP admin. Empty if the policy was changed."
    )

    @strawberry.field(description=READ_AGAIN)
    async def query(self) -> Query:
        return Query()


@strawberry.type
class PolicyMutations:
    @access_checked_field(
        "Change settings of a portal's policy, for MSSP admins. The new settings apply from now on: links and codes that"
        " were sent keep their end, names of users deleted before are kept as long as the policy said then, and no session"
        " ends. A change of `seatMode` gives and takes license seats at once; no user loses access by it. With a shorter"
        " `idleSuspendDays`, users are warned a week before they are suspended. With `maxAdmins` below the number of"
        " admins, admins stay, and no further one is added. `previewPortalPolicy` counts the users that a change affects."
    )
    async def update_portal_policy(
        self,
        info: Info,
        input: Annotated[UpdatePortalPolicyInput, strawberry.argument(description="The portal, and its new settings.")],
    ) -> PortalPolicyPayload | None:
        context = info.context
        try:
            portal = await update_policy(
                context.runtime, context.account, id_of("Portal", input.portal_id), input.preset, input.sent_values()
            )
        except Refusal as refusal:
            return PortalPolicyPayload.refused(refusal)
        finally:
            context.forget()
        return PortalPolicyPayload(portal=Portal.of(portal), errors=[])
