"""Make users, admins and portals for tests of the rules."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from rules.access import Actor, Role
from rules.lifecycle.actions import Action
from rules.lifecycle.decision_types import ActionRequest, Decision, PortalState
from rules.lifecycle.decisions import decide
from rules.lifecycle.licenses import SeatMode, UserKind, holds_seat
from rules.lifecycle.statuses import Status, StatusReason
from rules.lifecycle.transitions import Transition
from rules.refusals import Code, Refusal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_NUMBERS = count(1)


def an_id() -> UUID:
    """Return a new id at every call."""
    return UUID(int=next(_NUMBERS))


@dataclass(frozen=True)
class AUser:
    """A user for tests of the rules, without a database. By default ACTIVE and EXTERNAL, and without a seat."""

    status: Status = Status.ACTIVE
    status_reason: StatusReason | None = None
    resume_status: Status | None = None
    resume_reason: StatusReason | None = None
    kind: UserKind = UserKind.EXTERNAL
    role: Role = Role.PORTAL_USER
    holds_seat: bool = False
    id: UUID = field(default_factory=an_id)
    portal_id: UUID = field(default_factory=an_id)
    status_changed_at: datetime = NOON
    email: str | None = "user@acme.test"
    email_verified_at: datetime | None = NOON
    pending_email: str | None = None
    mfa_enrolled: bool = True
    reset_mailed_at: datetime | None = None
    verification_mailed_at: datetime | None = None
    locked_for_good: bool = False
    pending_email_is_own: bool = False
    portal_access: bool = True

    def after(self, change: Transition) -> AUser:
        """Return the user with the status of the transition. Requires a transition that does not delete the user."""
        assert change.status is not None
        return replace(
            self,
            status=change.status,
            status_reason=change.status_reason,
            resume_status=change.resume_status,
            resume_reason=change.resume_reason,
        )


def seated(mode: SeatMode = SeatMode.ON_ACTIVATION, **given: Any) -> AUser:
    """Return a user who holds a seat if the rules require a seat for the user's kind and status."""
    user = AUser(**given)
    return replace(user, holds_seat=holds_seat(user.kind, user.status, mode))


def a_portal(**given: Any) -> PortalState:
    """Return an active portal with an active package, 90 free seats and two admins."""
    usual: dict[str, Any] = {
        "id": an_id(),
        "is_active": True,
        "in_production": False,
        "password_sign_in_enabled": True,
        "seat_mode": SeatMode.ON_ACTIVATION,
        "seats_total": 100,
        "seats_used": 10,
        "packages_running": True,
        "enabled_admins": 2,
        "counted_admins": 2,
        "max_admins": None,
    }
    return PortalState(**{**usual, **given})


def an_actor(role: Role = Role.PORTAL_ADMIN, id: UUID | None = None) -> Actor:
    portal_id = None if role in (Role.MSSP_ADMIN, Role.MSSP_TECHNICIAN) else an_id()
    return Actor(
        id=id or an_id(), session_id=an_id(), role=role, mssp_id=an_id(), portal_id=portal_id, name="Ann Admin"
    )


def decided(
    action: Action, user: AUser | None = None, portal: PortalState | None = None, actor: Actor | None = None
) -> Decision:
    return decide(ActionRequest(action, actor or an_actor(), user or AUser(), portal or a_portal(), NOON))


def refusal_of(
    action: Action, user: AUser | None = None, portal: PortalState | None = None, actor: Actor | None = None
) -> Code | None:
    """Return the code of the refusal, or None if the action is allowed."""
    try:
        decided(action, user, portal, actor)
    except Refusal as refusal:
        return refusal.code
    return None
