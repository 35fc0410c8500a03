"""The decision about one user and one action: the guards, in order; the first that applies is the reason.

The order is that of docs/requirements.md#guards: tests/documentation/test_guards.py compares the two. The action's own
table (rules/lifecycle/actions.py) is asked between GUARDS_BEFORE_TRANSITION and GUARDS_AFTER_TRANSITION, and refuses with
the code of its cell.
"""

from __future__ import annotations

from collections.abc import Callable

from rules.access import Role
from rules.lifecycle import guards
from rules.lifecycle.actions import transition
from rules.lifecycle.licenses import holds_seat
from rules.lifecycle.requests import ActionRequest, Decision, PortalState, UserView
from rules.lifecycle.statuses import CATEGORY, Category
from rules.lifecycle.transitions import Transition, stay
from rules.refusals import Code, Refusal

CODES_OF_SELECTION = (Code.DUPLICATE_IN_REQUEST, Code.NOT_FOUND)
"""Decided first, by services/bulk/outcomes.py: about a target that is repeated, or that is no visible user."""

GUARDS_BEFORE_TRANSITION: tuple[tuple[Code, Callable[[ActionRequest], bool]], ...] = (
    (Code.HIGHER_ROLE, guards.manages_no_users),
    (Code.NOT_SUPPORTED, guards.is_planned),
    (Code.CANNOT_TARGET_SELF, guards.targets_self),
    (Code.PORTAL_INACTIVE, guards.portal_is_inactive),
    (Code.ALREADY_IN_STATE, guards.was_added_before),
    (Code.ALREADY_INVITED, guards.was_invited_before),
)
GUARDS_AFTER_TRANSITION: tuple[tuple[Code, Callable[[ActionRequest, Decision], bool]], ...] = (
    (Code.NO_EMAIL, guards.has_no_address),
    (Code.UNVERIFIED, guards.has_unverified_address),
    (Code.PASSWORD_SIGN_IN_OFF, guards.signs_in_without_password),
    (Code.COOLDOWN, guards.was_mailed_recently),
    (Code.LAST_ADMIN, guards.is_last_admin),
)
SEAT_GUARDS: tuple[tuple[Code, Callable[[PortalState, Decision], bool]], ...] = (
    (Code.LICENSE_PACKAGE_INACTIVE, guards.no_package_runs),
    (Code.NO_SEAT_AVAILABLE, guards.no_seat_is_free),
)
LAST_GUARDS: tuple[tuple[Code, Callable[[ActionRequest, Decision], bool]], ...] = (
    (Code.ADMIN_LIMIT_REACHED, guards.exceeds_admin_limit),
)


def decide(request: ActionRequest) -> Decision:
    """Return what the action does to the user. Raise Refusal with the code of the first guard that applies.

    Changes nothing: `apply_to_totals` counts the decision into the portal.
    """
    for code, refuses in GUARDS_BEFORE_TRANSITION:
        if refuses(request):
            raise Refusal(code)
    decision = _transition(request)
    for code, refuses_decision in GUARDS_AFTER_TRANSITION:
        if refuses_decision(request, decision):
            raise Refusal(code, retry_at=request.retry_at if code is Code.COOLDOWN else None)
    check_seats(request.portal, decision)
    for code, refuses_decision in LAST_GUARDS:
        if refuses_decision(request, decision):
            raise Refusal(code)
    return decision


def check_seats(portal: PortalState, decision: Decision) -> None:
    """Raise Refusal(LICENSE_PACKAGE_INACTIVE) or Refusal(NO_SEAT_AVAILABLE) if the decision needs a seat and gets none."""
    for code, refuses in SEAT_GUARDS:
        if refuses(portal, decision):
            raise Refusal(code)


def apply_to_totals(portal: PortalState, decision: Decision) -> None:
    """Count the decision into its portal, so that the next user is decided on what is left (K12)."""
    portal.seats_used += decision.takes_seat
    portal.enabled_admins += decision.admins


def evaluate(user: UserView, portal: PortalState, to: Transition, *, seat: bool | None = None) -> Decision:
    """Return the decision for a transition. `seat`: whether a seat is held afterwards; None: as the new status says."""
    if seat is None:
        seat = holds_seat(user.kind, to.status, portal.seat_mode)
    was_admin = user.role is Role.PORTAL_ADMIN and CATEGORY[user.status] is Category.ENABLED
    is_admin = user.role is Role.PORTAL_ADMIN and to.category is Category.ENABLED
    return Decision(to, seat, seat - user.holds_seat, is_admin - was_admin)


def _transition(request: ActionRequest) -> Decision:
    user, portal = request.user, request.portal
    if request.terms.adds_only and request.is_new:
        return evaluate(user, portal, stay(user), seat=user.holds_seat)
    to = transition(request.action, user)
    keeps_seat = to.status is user.status and not request.spec.retakes_seat
    return evaluate(user, portal, to, seat=user.holds_seat if keeps_seat else None)
