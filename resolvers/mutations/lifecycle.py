"""The bulk mutations on existing users. Each mutation passes its input to the bulk engine and returns the result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

import strawberry

from models.db.database_errors import unavailable
from models.operations import OutcomeRow
from resolvers.core.access import access_checked_field
from resolvers.core.context import Info
from resolvers.core.errors import UserError
from resolvers.core.field_costs import cost
from resolvers.mutations.access_inputs import ChangeAccessInput
from resolvers.mutations.inputs import BulkOptions, BulkUsersInput, ChangeRolesInput
from resolvers.query import Query
from resolvers.shared_descriptions import READ_AGAIN
from resolvers.types.operations import BulkOperation, StatusArgument
from resolvers.types.outcomes import NOTHING, OutcomeSummary, UserOutcome
from resolvers.types.portals.license_tiles import LicenseTiles, portal_tiles, summed_tiles
from rules.access import Role
from rules.lifecycle.actions import ACTIONS, Action
from rules.outcomes import summary_of
from rules.refusals import Refusal
from services.bulk import engine as bulk
from services.bulk.access_plan import AccessPlan
from services.bulk.action_plan import ActionPlan
from services.bulk.plan import BulkPlan
from services.bulk.results import BulkResult
from services.bulk.targets.target import Target

MOST_TILES = 50
"""The number of portals for which the cost of the payload field `licenseTiles` is calculated.

Few calls select users of more portals.
"""


@strawberry.type(
    description="The result of a bulk mutation: one outcome for each user, their numbers, and the license tiles."
)
class BulkUsersPayload:
    run: strawberry.Private[BulkResult | None]
    operation: BulkOperation | None = strawberry.field(
        description="The stored operation; for a dry run, the preview. Null if `errors` is not empty."
    )
    replayed: bool = strawberry.field(
        description="Whether this is the stored result of an earlier call with the same `idempotencyKey`."
    )
    errors: list[UserError] = strawberry.field(
        description="Why the whole call was refused; no user was changed. INVALID_INPUT, TOO_MANY_USERS,"
        " SELECTION_CHANGED, PREVIEW_EXPIRED, IDEMPOTENCY_KEY_REUSED, REASON_REQUIRED, NOT_FOUND (the portal, the preview, an entry of a"
        " catalogue or the user to copy does not exist),"
        " NOT_ALLOWED (the viewer manages no users, or in inviteUsers may not add INTERNAL users). Empty if the call was not"
        " refused, even if every user was skipped: see `outcomes`."
    )

    @classmethod
    def of(cls, run: BulkResult) -> BulkUsersPayload:
        return cls(run=run, operation=BulkOperation.of(run.operation), replayed=run.replayed, errors=[])

    @classmethod
    def refused(cls, refusal: Refusal) -> BulkUsersPayload:
        return cls(run=None, operation=None, replayed=False, errors=UserError.all_of(refusal))

    @strawberry.field(
        description="One outcome for each selected user, in the order of the selection. Empty if `errors` is not empty.",
        metadata=cost(per_target=True),
    )
    async def outcomes(self, info: Info, status: StatusArgument = None) -> list[UserOutcome]:
        if self.run is None:
            return []
        pairs = zip(self.run.targets, self.run.outcomes, strict=True)
        return [_shown(info, self.run, *pair) for pair in pairs if status is None or pair[1].status is status]

    @strawberry.field(description="The numbers of outcomes. All numbers are 0 if `errors` is not empty.")
    async def summary(self) -> OutcomeSummary:
        return OutcomeSummary.of(summary_of(self.run.outcomes) if self.run else NOTHING)

    @strawberry.field(
        description="The current tiles of each portal with a selected user, and after them the sum over the viewer's"
        " portals; for a portal admin, both have the same numbers. A dry run does not change them. Null if `errors` is not empty, or if the tiles could not be read; the outcomes are valid in both cases.",
        metadata=cost(entries=MOST_TILES),
    )
    async def license_tiles(self, info: Info) -> list[LicenseTiles] | None:
        if self.run is None:
            return None
        try:
            found = await asyncio.gather(*(portal_tiles(info, id) for id in self.run.portal_ids))
            return [tiles for tiles in (*found, await summed_tiles(info)) if tiles]
        except Exception as problem:
            if unavailable(problem):
                return None
            raise

    @strawberry.field(description=READ_AGAIN)
    async def query(self) -> Query:
        return Query()


def _shown(info: Info, run: BulkResult, target: Target, outcome: OutcomeRow) -> UserOutcome:
    token = run.token(outcome)
    return UserOutcome.of(
        outcome,
        run.operation.action,
        sent=target.sent,
        label=target.label,
        invite_link=info.context.invitation_link(token) if token else None,
    )


async def _run(info: Info, plan: Callable[[], BulkPlan], options: BulkOptions | None) -> BulkUsersPayload:
    context = info.context
    try:
        chosen = (options or BulkOptions()).engine_options()
        run = await bulk.run(context.runtime, context.account, plan(), chosen)
    except Refusal as refusal:
        return BulkUsersPayload.refused(refusal)
    finally:
        context.forget()
    return BulkUsersPayload.of(run)


InputArgument = Annotated[BulkUsersInput, strawberry.argument(description="The users to act on, and the options.")]


def bulk_mutation(action: Action) -> Any:
    """Return the field of Mutation that performs `action` on the selected users."""

    async def resolve(self: Any, info: Info, input: InputArgument) -> BulkUsersPayload | None:
        return await _run(info, lambda: ActionPlan(action, input.users.selection()), input.options)

    return access_checked_field(ACTIONS[action].description)(resolve)


@strawberry.type
class LifecycleMutations:
    activate_users = bulk_mutation(Action.ACTIVATE)
    deactivate_users = bulk_mutation(Action.DEACTIVATE)
    lock_users = bulk_mutation(Action.LOCK)
    unlock_users = bulk_mutation(Action.UNLOCK)
    delete_users = bulk_mutation(Action.DELETE)
    reset_passwords = bulk_mutation(Action.RESET_PASSWORD)
    resend_verifications = bulk_mutation(Action.RESEND_VERIFICATION)
    reset_mfa = bulk_mutation(Action.RESET_MFA)
    revoke_sessions = bulk_mutation(Action.REVOKE_SESSIONS)

    @access_checked_field(ACTIONS[Action.CHANGE_ROLE].description)
    async def change_roles(
        self,
        info: Info,
        input: Annotated[
            ChangeRolesInput, strawberry.argument(description="The users to act on, the role, and the options.")
        ],
    ) -> BulkUsersPayload | None:
        role = Role(str(input.role.value))
        return await _run(info, lambda: ActionPlan(Action.CHANGE_ROLE, input.users.selection(), role), input.options)

    @access_checked_field(ACTIONS[Action.CHANGE_ACCESS].description)
    async def change_access(
        self,
        info: Info,
        input: Annotated[
            ChangeAccessInput, strawberry.argument(description="The users to act on, their access, and the options.")
        ],
    ) -> BulkUsersPayload | None:
        return await _run(
            info, lambda: AccessPlan(input.users.selection(), input.change(), input.copied()), input.options
        )
