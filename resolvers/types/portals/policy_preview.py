"""The preview of a change of a portal's policy."""

from __future__ import annotations

import strawberry

from resolvers.core.context import Info
from resolvers.core.errors import UserError
from resolvers.core.field_costs import cost
from resolvers.paging.connection import COUNT_COST
from rules.policies.policy_effects import EFFECT_DESCRIPTIONS, PolicyEffectKind
from rules.refusals import Refusal
from services.administration import policy_previews
from services.administration.policy_previews import PlannedPolicy

_KINDS = "; ".join(f"{kind}: {words}" for kind, words in EFFECT_DESCRIPTIONS.items())


@strawberry.type(description="An effect of a change of a portal's policy.")
class PolicyEffect:
    kind: str = strawberry.field(description=f"What happens. Later versions may add kinds. {_KINDS}.")
    users: int = strawberry.field(description="The number of affected users, at least 1.")


@strawberry.type(description="What a change of a portal's policy would do. Nothing is changed.")
class PolicyPreview:
    policy: strawberry.Private[PlannedPolicy | None]
    errors: list[UserError] = strawberry.field(
        description="Why updatePortalPolicy would refuse the input. Empty if it would not."
    )

    @classmethod
    def refused(cls, refusal: Refusal) -> PolicyPreview:
        return cls(policy=None, errors=UserError.all_of(refusal))

    @strawberry.field(
        description="The effects of the change if it is made now, each with its number of users. Effects without users are"
        " left out. Empty if `errors` is not empty.",
        metadata=cost(entries=len(PolicyEffectKind), own=COUNT_COST * len(PolicyEffectKind)),
    )
    async def effects(self, info: Info) -> list[PolicyEffect]:
        if self.policy is None:
            return []
        context = info.context
        found = await policy_previews.count_effects(context.account, self.policy, context.now())
        return [PolicyEffect(kind=kind.value, users=users) for kind, users in found.items()]
