"""The actions that the viewer may perform in a portal now."""

from __future__ import annotations

import strawberry

from models.portals.lookup import LicensedPortal
from resolvers.core.context import Info
from resolvers.types.reasons import OutcomeReason
from rules.lifecycle.statuses import Category
from rules.refusals import Refusal
from rules.rights.portal_actions import PortalAction, PortalActionRequest, check_possible

CHECK_COST = 2
"""The cost of one check of a portal action, as `field_costs.cost` counts it.

The number is derived from the time that a check takes.
"""


@strawberry.type(description="Whether the viewer may perform an action in a portal now.")
class PortalActionAvailability:
    action: PortalAction = strawberry.field(description="The action.")
    allowed: bool = strawberry.field(description="Whether the viewer may perform the action in the portal now.")
    reason: OutcomeReason | None = strawberry.field(
        description="Why the action is not possible: the reason that its mutation gives. Null if `allowed` is true."
    )


def portal_actions(info: Info, licensed: LicensedPortal) -> list[PortalActionAvailability]:
    """Return one entry for each PortalAction, in the order of the enum. Requires a viewer who can see the portal."""
    now, row = info.context.now(), licensed.row
    request = PortalActionRequest(
        info.context.account,
        licensed.state_at(now),
        users=sum(row.users_in(category) for category in Category),
        enabled_users=row.users_in(Category.ENABLED),
        at=now,
    )
    return [_availability(action, request) for action in PortalAction]


def _availability(action: PortalAction, request: PortalActionRequest) -> PortalActionAvailability:
    try:
        check_possible(action, request)
    except Refusal as refusal:
        reason = OutcomeReason.in_portal(refusal, request.portal.id)
        return PortalActionAvailability(action=action, allowed=False, reason=reason)
    return PortalActionAvailability(action=action, allowed=True, reason=None)
