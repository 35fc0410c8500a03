"""The rules of handing over the role of an admin (L2): who can take part, and what changes for both users."""

from __future__ import annotations

from collections.abc import Iterator

from rules.access import Role
from rules.lifecycle.decision_types import Decision, HasDecisionColumns, PortalState
from rules.lifecycle.decisions import decision_for
from rules.lifecycle.guards import exceeds_admin_limit
from rules.lifecycle.statuses import ENABLED
from rules.lifecycle.transitions import stay
from rules.messages.administration import AdminshipMessage
from rules.refusals import Refusal, raise_all

TO, FROM = ("toUserId",), ("fromUserId",)
"""The input fields of the new and of the former admin, as paths."""


def decide_transfer(
    former: HasDecisionColumns, successor: HasDecisionColumns, portal: PortalState
) -> tuple[Decision, Decision]:
    """Return the decisions that hand over the role of an admin: for the former admin, and for the successor.

    `portal` is the successor's portal, to which the former admin must belong too. Raise Refusal(INVALID_INPUT) with all
    faults of the two users, or Refusal(ADMIN_LIMIT_REACHED) if the portal would have more admins than its policy
    allows.
    """
    raise_all(_faults(former, successor))
    loses = decision_for(former, portal, stay(former), role=Role.PORTAL_USER, seat=former.holds_seat)
    gains = decision_for(successor, portal, stay(successor), role=Role.PORTAL_ADMIN, seat=successor.holds_seat)
    both = gains._replace(
        admin_change=loses.admin_change + gains.admin_change,
        counted_admin_change=loses.counted_admin_change + gains.counted_admin_change,
    )
    if exceeds_admin_limit(portal, both):
        raise Refusal(AdminshipMessage.NO_PLACE_LEFT, path=FROM, maximum=portal.max_admins)
    return loses, gains


def check_transfer_possible(portal: PortalState, enabled_users: int) -> None:
    """Raise Refusal(INVALID_INPUT) if the portal has no admin, or no enabled user who could become one.

    `enabled_users` is the number of ENABLED users, admins included. DEACTIVATED admins do not count as admins.
    """
    if portal.counted_admins == 0:
        raise Refusal(AdminshipMessage.NO_ADMIN, path=FROM)
    # Users without access to the portal are counted here, but cannot become the admin: `decide_transfer` refuses them.
    if enabled_users <= portal.enabled_admins:
        raise Refusal(AdminshipMessage.NO_SUCCESSOR, path=TO)


def _faults(former: HasDecisionColumns, successor: HasDecisionColumns) -> Iterator[Refusal]:
    if successor.role is Role.PORTAL_ADMIN:
        yield Refusal(AdminshipMessage.ADMIN_ALREADY, path=TO)
    if successor.status not in ENABLED:
        yield Refusal(AdminshipMessage.NOT_ENABLED, path=TO)
    if not successor.portal_access:
        yield Refusal(AdminshipMessage.ACCESS_CLOSED, path=TO)
    if former.portal_id != successor.portal_id:
        yield Refusal(AdminshipMessage.OTHER_PORTAL, path=FROM)
    elif former.role is not Role.PORTAL_ADMIN:
        yield Refusal(AdminshipMessage.NO_ADMIN_NOW, path=FROM)
