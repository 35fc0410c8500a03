"""Queries that show an MSSP admin the effect of a change to a portal before the admin makes it."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.global_ids import id_of
from resolvers.mutations.administration.policy_input import UpdatePortalPolicyInput
from resolvers.types.portals.policy_preview import PolicyPreview
from rules.refusals import Refusal
from services.administration.policy_previews import plan_policy


@strawberry.type
class AdministrationQueries:
    @access_checked_field(
        "How many users a change of a portal's policy would affect, before updatePortalPolicy makes it with the same input."
        " For MSSP admins; other accounts get NOT_ALLOWED in `errors`."
    )
    async def preview_portal_policy(
        self,
        info: Info,
        input: Annotated[UpdatePortalPolicyInput, strawberry.argument(description="The portal, and its new settings.")],
    ) -> PolicyPreview | None:
        try:
            policy = await plan_policy(
                info.context.account, id_of("Portal", input.portal_id), input.preset, input.sent_values()
            )
        except Refusal as refusal:
            return PolicyPreview.refused(refusal)
        return PolicyPreview(policy=policy, errors=[])
