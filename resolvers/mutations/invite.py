"""The mutation inviteUsers: invite users who were added before, or add new users and invite them."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.mutations.inputs import BulkOptions
from resolvers.mutations.invite_inputs import InviteUsersInput
from resolvers.mutations.lifecycle import BulkUsersPayload
from rules.lifecycle.actions import ACTIONS, Action
from rules.refusals import Refusal
from services.bulk import engine as bulk
from services.bulk.invite_plan import InvitePlan

IN_TARGET = ("users", "newUsers")
"""The fields of InviteTarget. If the path of an error begins with one of these fields, `target` is put before the path.
"""


@strawberry.type
class InviteMutations:
    @access_checked_field(ACTIONS[Action.INVITE].description)
    async def invite_users(
        self,
        info: Info,
        input: Annotated[InviteUsersInput, strawberry.argument(description="Who is invited, and how.")],
    ) -> BulkUsersPayload | None:
        context = info.context
        try:
            options = (input.options or BulkOptions()).engine_options()
            access = input.access.change() if input.access else None
            plan = InvitePlan(input.target.selection(), input.invitation_options(), access)
            run = await bulk.run(context.runtime, context.account, plan, options)
        except Refusal as refusal:
            return BulkUsersPayload.refused(refusal.inside("target", IN_TARGET))
        finally:
            context.forget()
        return BulkUsersPayload.of(run)
