"""The table of the actions in a portal as a whole: which roles may perform each action, and under which condition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from rules.access import Actor, Role
from rules.administration import adminship, portals
from rules.lifecycle.actions import Action
from rules.lifecycle.decision_types import ActionRequest, PortalState
from rules.lifecycle.decisions import decide
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from rules.refusals import Code, Refusal
from rules.rights import root_fields
from rules.rights.answers import Answer


class PortalAction(StrEnum):
    """An action in a portal as a whole, such as adding users. GraphQL: PortalAction."""

    ADD_USERS = "ADD_USERS"
    ADD_ADMINS = "ADD_ADMINS"
    MANAGE_USERS = "MANAGE_USERS"
    READ_AUDIT_LOG = "READ_AUDIT_LOG"
    TRANSFER_ADMIN = "TRANSFER_ADMIN"
    CHANGE_POLICY = "CHANGE_POLICY"
    MANAGE_LICENSES = "MANAGE_LICENSES"
    MANAGE_CATALOGUES = "MANAGE_CATALOGUES"
    CHANGE_PORTAL = "CHANGE_PORTAL"
    DELETE_PORTAL = "DELETE_PORTAL"


@dataclass(frozen=True, slots=True)
class PortalActionRequest:
    """A question: may `actor` perform an action in the portal at the time `at`? The actor must see the portal.

    `users` is the number of the portal's users. `enabled_users` counts only users in the category ENABLED.
    """

    actor: Actor
    portal: PortalState
    users: int
    enabled_users: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PortalActionSpec:
    """One row of the table of portal actions.

    - `field`: a root field that performs the action. The roles that may call the field may perform the action.
    - `condition`: raises Refusal if the portal's present state forbids the action.
    """

    field: str
    condition: Callable[[PortalActionRequest], None] | None = None


_NOT_STORED = UUID(int=0)


@dataclass(frozen=True, slots=True)
class _Invitee:
    role: Role
    id: UUID = _NOT_STORED
    portal_id: UUID = _NOT_STORED
    kind: UserKind = UserKind.EXTERNAL
    status: Status = Status.STAGED
    status_reason: None = None
    resume_status: None = None
    resume_reason: None = None
    holds_seat: bool = False
    mfa_enrolled: bool = False
    email: str = "invitee@example.com"
    email_verified_at: None = None
    pending_email: None = None
    reset_mailed_at: None = None
    verification_mailed_at: None = None
    locked_for_good: bool = False
    portal_access: bool = True


def _invites(role: Role) -> Callable[[PortalActionRequest], None]:
    def condition(request: PortalActionRequest) -> None:
        invitee = _Invitee(role)
        decide(ActionRequest(Action.INVITE, request.actor, invitee, request.portal, request.at, is_new=True))

    return condition


PORTAL_ACTIONS: dict[PortalAction, PortalActionSpec] = {
    PortalAction.ADD_USERS: PortalActionSpec("Mutation.inviteUsers", _invites(Role.PORTAL_USER)),
    PortalAction.ADD_ADMINS: PortalActionSpec("Mutation.inviteUsers", _invites(Role.PORTAL_ADMIN)),
    PortalAction.MANAGE_USERS: PortalActionSpec("Query.users"),
    PortalAction.READ_AUDIT_LOG: PortalActionSpec("Query.auditLog"),
    PortalAction.TRANSFER_ADMIN: PortalActionSpec(
        "Mutation.transferPortalAdmin",
        lambda request: adminship.check_transfer_possible(request.portal, request.enabled_users),
    ),
    PortalAction.CHANGE_POLICY: PortalActionSpec("Mutation.updatePortalPolicy"),
    PortalAction.MANAGE_LICENSES: PortalActionSpec("Mutation.updateLicensePackage"),
    PortalAction.MANAGE_CATALOGUES: PortalActionSpec("Mutation.saveGrantable"),
    PortalAction.CHANGE_PORTAL: PortalActionSpec("Mutation.updatePortal"),
    PortalAction.DELETE_PORTAL: PortalActionSpec(
        "Mutation.deletePortal", lambda request: portals.check_users_erased(request.users)
    ),
}


def check_possible(action: PortalAction, request: PortalActionRequest) -> None:
    """Raise Refusal if the actor cannot perform the action now, whatever the input.

    The reason is the actor's role or the state of the portal. The action's mutation raises the same code and message,
    with one exception. For an actor who must first set up a second factor, this function raises MUST_ENROLL_MFA.
    """
    spec = PORTAL_ACTIONS[action]
    if request.actor.must_enroll:
        raise Refusal(Code.MUST_ENROLL_MFA)
    if root_fields.answer(spec.field, request.actor.role) is not Answer.REACH:
        raise root_fields.not_allowed(spec.field)
    if spec.condition is not None:
        spec.condition(request)
