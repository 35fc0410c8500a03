"""Decide whether an action can change a user, and what changes.

A guard is a condition that refuses an action. The first guard that applies gives the code of the refusal. The guards
are checked in the order of the tables below, which is also the order of docs/requirements.md#guards. The action's
transitions are checked between the two tables GUARDS_BEFORE_TRANSITION and GUARDS_AFTER_TRANSITION.
"""

from __future__ import annotations

from collections.abc import Callable

from rules.access import Role
from rules.grants.held_access import ChangedAccess
from rules.lifecycle import guards
from rules.lifecycle.actions import ACTIONS, Action
from rules.lifecycle.counters import is_counted_admin, is_enabled_admin
from rules.lifecycle.decision_types import ActionRequest, Decision, HasDecisionColumns, PortalState
from rules.lifecycle.licenses import holds_seat
from rules.lifecycle.transitions import HasLifecycleColumns, Transition, follow, stay
from rules.refusals import Code, Refusal

CODES_OF_SELECTION = (Code.DUPLICATE_IN_REQUEST, Code.NOT_FOUND)
"""The codes with which services/bulk/outcomes.py skips a target before any guard is checked.

They mean that the user was selected twice, or that the actor can see no user with the id.
"""

GUARDS_BEFORE_TRANSITION: tuple[tuple[Code, Callable[[ActionRequest], bool]], ...] = (
    (Code.MUST_ENROLL_MFA, guards.must_enroll),
    (Code.NOT_ALLOWED, guards.manages_no_users),
    (Code.CANNOT_TARGET_SELF, guards.targets_self),
    (Code.PORTAL_INACTIVE, guards.portal_is_inactive),
    (Code.ALREADY_IN_STATE, guards.was_added_before),
    (Code.ALREADY_INVITED, guards.was_invited_before),
    (Code.ALREADY_IN_STATE, guards.has_the_role),
    (Code.ALREADY_IN_STATE, guards.has_the_access),
)
GUARDS_AFTER_TRANSITION: tuple[tuple[Code, Callable[[ActionRequest, Decision], bool]], ...] = (
    (Code.NOT_IN_PORTAL, guards.reaches_outside_portal),
    (Code.ADMIN_ONLY_MODULE, guards.gives_admin_only_module),
    (Code.INTERNAL_USER_NOT_ALLOWED, guards.adds_internal_user_to_app_role),
    (Code.NO_EMAIL, guards.has_no_address),
    (Code.UNVERIFIED, guards.has_unverified_address),
    (Code.PASSWORD_SIGN_IN_OFF, guards.replaces_unused_password),
    (Code.COOLDOWN, guards.was_mailed_recently),
    (Code.LAST_ADMIN, guards.is_last_admin),
)
SEAT_GUARDS: tuple[tuple[Code, Callable[[PortalState, Decision], bool]], ...] = (
    (Code.LICENSE_PACKAGE_INACTIVE, guards.no_package_runs),
    (Code.NO_SEAT_AVAILABLE, guards.no_seat_is_free),
)
ADMIN_GUARDS: tuple[tuple[Code, Callable[[PortalState, Decision], bool]], ...] = (
    (Code.ADMIN_LIMIT_REACHED, guards.exceeds_admin_limit),
)


def decide(request: ActionRequest) -> Decision:
    """Return the change that the action makes to the user, or raise Refusal.

    The first guard that applies gives the code. `request.portal` does not change: call `apply_to_portal_state` to add
    the decision to it.
    """
    for code, refuses in GUARDS_BEFORE_TRANSITION:
        if refuses(request):
            raise Refusal(code)
    decision = _transition(request)
    for code, refuses_decision in GUARDS_AFTER_TRANSITION:
        if refuses_decision(request, decision):
            raise _refusal(code, request)
    check_seats(request.portal, decision)
    check_admin_limit(request.portal, decision)
    return decision


def _refusal(code: Code, request: ActionRequest) -> Refusal:
    field = request.field_outside_portal if code is Code.NOT_IN_PORTAL else None
    return Refusal(
        code,
        path=(field,) if field else None,
        retry_at=request.retry_at if code is Code.COOLDOWN else None,
    )


def transition(action: Action, user: HasLifecycleColumns) -> Transition:
    """Return the transition from the user's present status. Raise Refusal if the action does not allow one."""
    return follow(ACTIONS[action].transitions, user, ACTIONS[action].status_reason)


def check_seats(portal: PortalState, decision: Decision) -> None:
    """Raise Refusal if the decision takes a seat and the portal has no free seat.

    The code is LICENSE_PACKAGE_INACTIVE if no license package is active, else NO_SEAT_AVAILABLE.
    """
    for code, refuses in SEAT_GUARDS:
        if refuses(portal, decision):
            raise Refusal(code)


def check_admin_limit(portal: PortalState, decision: Decision) -> None:
    """Raise Refusal(ADMIN_LIMIT_REACHED) if the portal would have more admins than its policy allows (L2)."""
    for code, refuses in ADMIN_GUARDS:
        if refuses(portal, decision):
            raise Refusal(code)


def apply_to_portal_state(portal: PortalState, decision: Decision) -> None:
    """Add the decision's changes to the portal's numbers of seats and admins, for the next decision (K12)."""
    portal.seats_used += decision.seat_change
    portal.enabled_admins += decision.admin_change
    portal.counted_admins += decision.counted_admin_change


def decision_for(
    user: HasDecisionColumns,
    portal: PortalState,
    to: Transition,
    *,
    role: Role | None = None,
    access: ChangedAccess | None = None,
    seat: bool | None = None,
    is_new: bool = False,
) -> Decision:
    """Return the decision to make the transition `to`. It includes the changes of the portal's seats and admins.

    - `role`: the user's role afterwards. None means the present role.
    - `access`: the change of the user's access, or None.
    - `seat`: whether the user holds a seat afterwards. None means that the new status decides.
    - `is_new`: whether the user is new, and so not yet counted among the portal's admins.
    """
    if seat is None:
        seat = holds_seat(user.kind, to.status, portal.seat_mode)
    role, before = role or user.role, None if is_new else user.status
    portal_access = access.after.portal_access if access else user.portal_access
    return Decision(
        transition=to,
        role=role,
        access=access,
        portal_access=portal_access,
        holds_seat=seat,
        seat_change=seat - user.holds_seat,
        admin_change=is_enabled_admin(role, to.status, portal_access=portal_access)
        - is_enabled_admin(user.role, before, portal_access=user.portal_access),
        counted_admin_change=is_counted_admin(role, to.status) - is_counted_admin(user.role, before),
    )


def _transition(request: ActionRequest) -> Decision:
    user, portal = request.user, request.portal
    if request.terms.adds_only and request.is_new:
        access = request.changed_access
        return decision_for(user, portal, stay(user), access=access, seat=user.holds_seat, is_new=True)
    to = transition(request.action, user)
    keeps_seat = to.status is user.status and not request.spec.retakes_seat
    seat = user.holds_seat if keeps_seat else None
    return decision_for(
        user,
        portal,
        to,
        role=request.role_afterwards,
        access=request.changed_access,
        seat=seat,
        is_new=request.is_new,
    )
