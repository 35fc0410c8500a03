"""The table of lifecycle events: changes of a user without an admin's action (docs/requirements.md#events)."""

from __future__ import annotations

from enum import StrEnum

from rules.audit_events import AuditEventType
from rules.lifecycle.decision_types import Decision, HasDecisionColumns, PortalState
from rules.lifecycle.decisions import check_admin_limit, check_seats, decision_for
from rules.lifecycle.event_spec import EventSpec
from rules.lifecycle.guards import takes_last_admin
from rules.lifecycle.statuses import DISABLED, ENABLED, RESUMABLE, UNCONFIRMED, Status, StatusReason
from rules.lifecycle.transitions import Effect, Transition, follow
from rules.refusals import Code, Refusal


class Event(StrEnum):
    """A change of a user without an admin's action: by the user, by failed sign-ins or by the passing of time.

    LOCKED_FOR_GOOD is a lockout that only an admin or a new password ends. It happens after MOST_IN_A_ROW failures
    without a success.
    """

    ACCEPTED = "ACCEPTED"
    LOCKED_OUT = "LOCKED_OUT"
    LOCKED_FOR_GOOD = "LOCKED_FOR_GOOD"
    LOCK_ENDED = "LOCK_ENDED"
    PASSWORD_EXPIRED = "PASSWORD_EXPIRED"
    PASSWORD_SET = "PASSWORD_SET"
    WENT_IDLE = "WENT_IDLE"
    RETENTION_ENDED = "RETENTION_ENDED"
    INVITATION_EXPIRED = "INVITATION_EXPIRED"


WAITING = Transition(Status.DEACTIVATED, StatusReason.WAITING_FOR_SEAT, Status.ACTIVE, None)
"""The transition of a user who accepts an invitation while the portal has no free seat (K10)."""


def _waits_for_seat(user: HasDecisionColumns) -> bool:
    return user.status_reason is StatusReason.WAITING_FOR_SEAT


EVENTS: dict[Event, EventSpec] = {
    Event.ACCEPTED: EventSpec(
        audit_event=AuditEventType.USER_ACCEPTED,
        transitions={
            Status.STAGED: Code.NOT_INVITED,
            Status.PROVISIONED: Status.ACTIVE,
            **dict.fromkeys(ENABLED | DISABLED, Code.ALREADY_MEMBER),
        },
        without_seat=WAITING,
        clears_attempts=True,
    ),
    Event.LOCKED_OUT: EventSpec(
        audit_event=AuditEventType.USER_LOCKED_OUT,
        transitions={
            **dict.fromkeys(UNCONFIRMED, Code.NOT_CONFIRMED),
            **dict.fromkeys(RESUMABLE, Status.LOCKED_OUT),
            Status.LOCKED_OUT: Code.ALREADY_IN_STATE,
            **dict.fromkeys(DISABLED, Code.INACTIVE),
        },
        status_reason=StatusReason.TOO_MANY_FAILED_SIGN_INS,
    ),
    Event.LOCKED_FOR_GOOD: EventSpec(
        audit_event=AuditEventType.USER_LOCKED_OUT,
        transitions={
            **dict.fromkeys(UNCONFIRMED, Code.NOT_CONFIRMED),
            **dict.fromkeys(RESUMABLE, Status.LOCKED_OUT),
            Status.LOCKED_OUT: Effect.STAY,
            **dict.fromkeys(DISABLED, Code.INACTIVE),
        },
        status_reason=StatusReason.TOO_MANY_FAILED_SIGN_INS,
    ),
    Event.LOCK_ENDED: EventSpec(
        audit_event=AuditEventType.LOCK_ENDED,
        transitions={
            **dict.fromkeys(UNCONFIRMED | RESUMABLE, Code.NOT_LOCKED),
            Status.LOCKED_OUT: Effect.RESUME,
            Status.SUSPENDED: Code.NOT_LOCKED,
            Status.DEACTIVATED: Code.INACTIVE,
        },
        exempt=(Code.LOCKED_OUT, lambda user: user.locked_for_good),
        forgives_attempts=True,
    ),
    Event.PASSWORD_EXPIRED: EventSpec(
        audit_event=AuditEventType.PASSWORD_EXPIRED,
        transitions={
            **dict.fromkeys(UNCONFIRMED, Code.NOT_CONFIRMED),
            Status.ACTIVE: Status.AWAITING_NEW_PASSWORD,
            Status.AWAITING_NEW_PASSWORD: Code.ALREADY_IN_STATE,
            Status.RECOVERY: Code.ALREADY_IN_STATE,
            Status.LOCKED_OUT: Code.LOCKED_OUT,
            **dict.fromkeys(DISABLED, Code.INACTIVE),
        },
        status_reason=StatusReason.PASSWORD_EXPIRED,
    ),
    Event.PASSWORD_SET: EventSpec(
        audit_event=AuditEventType.PASSWORD_SET,
        transitions={
            **dict.fromkeys(UNCONFIRMED, Code.UNVERIFIED),
            Status.ACTIVE: Effect.STAY,
            Status.AWAITING_NEW_PASSWORD: Status.ACTIVE,
            Status.RECOVERY: Status.ACTIVE,
            Status.LOCKED_OUT: Status.ACTIVE,
            **dict.fromkeys(DISABLED, Code.INACTIVE),
        },
        ends_sessions=True,
        clears_attempts=True,
    ),
    Event.WENT_IDLE: EventSpec(
        audit_event=AuditEventType.SUSPENDED_AS_IDLE,
        transitions={
            **dict.fromkeys(UNCONFIRMED, Code.NOT_CONFIRMED),
            **dict.fromkeys(ENABLED, Status.SUSPENDED),
            Status.SUSPENDED: Code.ALREADY_IN_STATE,
            Status.DEACTIVATED: Code.INACTIVE,
        },
        status_reason=StatusReason.IDLE,
        keeps_last_admin=True,
        ends_sessions=True,
    ),
    Event.RETENTION_ENDED: EventSpec(
        audit_event=AuditEventType.USER_ERASED,
        transitions={
            **dict.fromkeys(UNCONFIRMED, Code.NOT_CONFIRMED),
            **dict.fromkeys(ENABLED, Code.ALREADY_IN_STATE),
            Status.SUSPENDED: Code.ALREADY_IN_STATE,
            Status.DEACTIVATED: Effect.GONE,
        },
        exempt=(Code.INACTIVE, _waits_for_seat),
    ),
    Event.INVITATION_EXPIRED: EventSpec(
        audit_event=AuditEventType.SEAT_RELEASED,
        transitions={
            Status.STAGED: Code.NOT_INVITED,
            Status.PROVISIONED: Effect.STAY,
            **dict.fromkeys(ENABLED | DISABLED, Code.ALREADY_MEMBER),
        },
        releases_seat=True,
    ),
}


def concerns(event: Event, status: Status) -> bool:
    """Return whether the event can happen to users with `status`."""
    return not isinstance(EVENTS[event].transitions[status], Code)


def decide_event(event: Event, user: HasDecisionColumns, portal: PortalState) -> Decision:
    """Return the change that the event makes to the user. `portal` does not change.

    If the user needs a seat and none is free, the transition is `EventSpec.without_seat`. Events without
    `without_seat` do not check seats. Raise Refusal in these cases:

    - The event cannot happen in the user's status.
    - The user meets the condition `EventSpec.exempt`.
    - The user is the portal's last enabled admin, and `EventSpec.keeps_last_admin` is true.
    - The portal would have more admins than its policy allows.
    """
    spec = EVENTS[event]
    to = follow(spec.transitions, user, spec.status_reason)
    if spec.exempt is not None and spec.exempt[1](user):
        raise Refusal(spec.exempt[0])
    decision = decision_for(user, portal, to, seat=False if spec.releases_seat else None)
    if spec.keeps_last_admin and takes_last_admin(portal, decision):
        raise Refusal(Code.LAST_ADMIN)
    if spec.without_seat is not None:
        try:
            check_seats(portal, decision)
        except Refusal:
            return decision_for(user, portal, spec.without_seat)
    check_admin_limit(portal, decision)
    return decision
