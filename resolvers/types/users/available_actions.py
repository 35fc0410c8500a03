"""The actions that the viewer may perform on a user now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from models.users.table import UserRow
from resolvers.core.context import Info
from resolvers.types.reasons import OutcomeReason
from rules.lifecycle.actions import Action, mail_of
from rules.lifecycle.decision_types import ActionRequest
from rules.lifecycle.decisions import decide
from rules.refusals import Refusal
from services.mail.caps import Addressed

DECISION_COST = 12
"""The cost of one decision about an action, as `field_costs.cost` counts it.

The number is derived from the time that a decision takes.
"""


@strawberry.type(description="Whether the viewer may perform an action on a user now.")
class ActionAvailability:
    action: Action = strawberry.field(description="The action.")
    allowed: bool = strawberry.field(
        description="Whether the action's mutation would change the user now, with default options and, where"
        " `PortalPolicy.reasonRequired` is true, with a reason: REASON_REQUIRED refuses a call, and no user."
    )
    reason: OutcomeReason | None = strawberry.field(
        description="Why the action is not possible. Null if `allowed` is true."
    )


async def available_actions(info: Info, user: UserRow, actions: Sequence[Action]) -> list[ActionAvailability]:
    """Return whether each of `actions` is possible, in the same order.

    Requires a viewer who can see the user's portal.
    """
    licensed = await info.context.loaders.portals.load(user.portal_id)
    assert licensed is not None  # noqa: S101  # a viewer who sees a user sees the portal
    now = info.context.now()
    mail_free_at = await _mail_free_at(info, user, actions, now)
    await info.context.checkpoint()
    entries = []
    for action in actions:
        request = ActionRequest(
            action, info.context.account, user, licensed.state_at(now), now, mail_free_at=mail_free_at.get(action)
        )
        try:
            decide(request)
        except Refusal as refusal:
            reason = OutcomeReason.of(
                refusal.code, action, user.portal_id, user.name, user.id, retry_at=refusal.retry_at
            )
            entries.append(ActionAvailability(action=action, allowed=False, reason=reason))
        else:
            entries.append(ActionAvailability(action=action, allowed=True, reason=None))
    return entries


async def _mail_free_at(
    info: Info, user: UserRow, actions: Sequence[Action], now: datetime
) -> dict[Action, datetime | None]:
    """Return, for each action that sends a mail, when the mail cap allows the mail: a time, or None for now.

    Actions without a mail are left out.
    """
    mails = {action: mail for action in actions if (mail := mail_of(action, user))}
    if not mails:
        return {}
    keys = [(Addressed(kind, user.portal_id, address), now) for kind, address in mails.values()]
    return dict(zip(mails, await info.context.loaders.mail_waits.load_many(keys), strict=True))
