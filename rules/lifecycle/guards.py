"""The conditions that refuse an action. rules/lifecycle/decisions.py declares their codes and their order."""

from __future__ import annotations

from rules.access import Role
from rules.grants.kinds import GrantableKind
from rules.lifecycle.actions import mail_of
from rules.lifecycle.decision_types import ActionRequest, Decision, PortalState
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status


def must_enroll(request: ActionRequest) -> bool:
    """Return whether the actor must first set up a second factor, before any action."""
    return request.actor.must_enroll


def manages_no_users(request: ActionRequest) -> bool:
    """Return whether the actor may not perform the action, because the actor may not manage users.

    Exception: every actor may perform an action with `ActionSpec.allowed_to_owner` on the actor's own account.
    """
    is_open_to_owner = request.spec.allowed_to_owner and request.is_on_self
    return not request.actor.manages_users and not is_open_to_owner


def targets_self(request: ActionRequest) -> bool:
    """Return whether the user is the actor, and the action is not allowed on the actor's own account.

    Closing the access to the portal is never allowed on the actor's own account (E19).
    """
    if not request.is_on_self:
        return False
    changed = request.changed_access
    return not request.spec.allowed_on_self or (changed is not None and changed.closes_portal)


def portal_is_inactive(request: ActionRequest) -> bool:
    """Return whether the action needs an active portal, and the portal is inactive."""
    return not request.portal.is_active and request.spec.needs_active_portal


def was_added_before(request: ActionRequest) -> bool:
    """Return whether the call only adds users (E3), but the user is STAGED already."""
    return request.terms.adds_only and not request.is_new and request.user.status is Status.STAGED


def was_invited_before(request: ActionRequest) -> bool:
    """Return whether the call only adds users (E3), but the user is PROVISIONED already."""
    return request.terms.adds_only and not request.is_new and request.user.status is Status.PROVISIONED


def has_the_role(request: ActionRequest) -> bool:
    """Return whether the user already has the role that the action gives."""
    return request.spec.changes_role and request.role_afterwards is request.user.role


def has_the_access(request: ActionRequest) -> bool:
    """Return whether the user already has the access that the action gives."""
    changed = request.changed_access
    return request.spec.changes_access and changed is not None and changed.is_none


def reaches_outside_portal(request: ActionRequest, decision: Decision) -> bool:
    """Return whether the change of access names an entry that is not in the catalogue of the user's portal."""
    return request.field_outside_portal is not None


def gives_admin_only_module(request: ActionRequest, decision: Decision) -> bool:
    """Return whether the user gets an admin-only module, but will not be an admin (W6)."""
    return request.access is not None and request.access.given.has_admin_only and decision.role is not Role.PORTAL_ADMIN


def adds_internal_user_to_app_role(request: ActionRequest, decision: Decision) -> bool:
    """Return whether an INTERNAL user gets a new app role in a portal in production (K5)."""
    if request.user.kind is not UserKind.INTERNAL or not request.portal.in_production or decision.access is None:
        return False
    return GrantableKind.APP_ROLE in decision.access.given


def has_no_address(request: ActionRequest, decision: Decision) -> bool:
    """Return whether the action needs an address to mail to, and the user has none.

    An invitation needs an address if the link is mailed, or if the stored address counts as verified (E9). Users who
    are only added need no address.
    """
    terms = request.terms
    needs_address = (terms.by_mail or terms.trust_stored_email) and not terms.adds_only
    return request.spec.mail is not None and needs_address and mail_of(request.action, request.user) is None


def has_unverified_address(request: ActionRequest, decision: Decision) -> bool:
    """Return whether the action replaces the password, but the user's address is not verified."""
    return request.spec.replaces_password and request.user.email_verified_at is None


def replaces_unused_password(request: ActionRequest, decision: Decision) -> bool:
    """Return whether the action replaces the password, but users of the portal cannot sign in with a password."""
    return request.spec.replaces_password and not request.portal.password_sign_in_enabled


def was_mailed_recently(request: ActionRequest, decision: Decision) -> bool:
    """Return whether the action's mail must wait, because of the cooldown or a mail cap."""
    return request.retry_at is not None


def is_last_admin(request: ActionRequest, decision: Decision) -> bool:
    """Return whether the portal would lose its last enabled admin. Always false if the actor is staff."""
    return not request.actor.is_staff and takes_last_admin(request.portal, decision)


def takes_last_admin(portal: PortalState, decision: Decision) -> bool:
    """Return whether the portal would have no enabled admin after the decision, but has one now.

    The decision can disable or delete the admin, change the role, or close the admin's access to the portal.
    """
    return decision.admin_change < 0 and portal.enabled_admins + decision.admin_change < 1


def no_package_runs(portal: PortalState, decision: Decision) -> bool:
    """Return whether the decision takes a seat, but the portal has no active license package (E1)."""
    return decision.seat_change > 0 and not portal.packages_running


def exceeds_admin_limit(portal: PortalState, decision: Decision) -> bool:
    """Return whether the portal would have more admins than its policy allows (L2).

    Two kinds of decisions are refused: those that add an admin, and those that enable an admin. The second matters if
    the maximum was lowered below the present number of admins.
    """
    most = portal.max_admins
    if most is None:
        return False
    counts_too_many = decision.counted_admin_change > 0 and portal.counted_admins >= most
    enables_too_many = decision.admin_change > 0 and portal.enabled_admins >= most
    return counts_too_many or enables_too_many


def no_seat_is_free(portal: PortalState, decision: Decision) -> bool:
    """Return whether the decision takes a seat, but all seats are taken (K12)."""
    total = portal.seats_total
    return decision.seat_change > 0 and total is not None and portal.seats_used + decision.seat_change > total
