"""What changes users without an admin's action: the table of docs/requirements.md#events, and what reads it."""

from __future__ import annotations

from enum import StrEnum

from rules.lifecycle.decisions import Decision, PortalState, UserView, a_package_runs, a_seat_is_free, evaluate
from rules.lifecycle.statuses import RESUMABLE, Status, StatusReason
from rules.lifecycle.transitions import Cell, Effect, Transition, resume
from rules.refusals import Code, Refusal


class Event(StrEnum):
    """Something that a user, a stranger or the clock brings about. LOCKED_FOR_GOOD: too many failures in a row; only an
    admin or a new password ends that lock."""

    ACCEPTED = "ACCEPTED"
    LOCKED_OUT = "LOCKED_OUT"
    LOCKED_FOR_GOOD = "LOCKED_FOR_GOOD"
    LOCK_ENDED = "LOCK_ENDED"
    PASSWORD_EXPIRED = "PASSWORD_EXPIRED"
    PASSWORD_SET = "PASSWORD_SET"
    WENT_IDLE = "WENT_IDLE"
    RETENTION_ENDED = "RETENTION_ENDED"
    INVITATION_EXPIRED = "INVITATION_EXPIRED"


_C = Code
TABLE: dict[Event, tuple[Cell, ...]] = {
    # STAGED, PROVISIONED, ACTIVE, AWAITING_NEW_PASSWORD, RECOVERY, LOCKED_OUT, SUSPENDED, DEACTIVATED
    Event.ACCEPTED: (
        *(_C.NOT_INVITED, Status.ACTIVE),
        *(_C.ALREADY_MEMBER, _C.ALREADY_MEMBER, _C.ALREADY_MEMBER),
        *(_C.ALREADY_MEMBER, _C.ALREADY_MEMBER, _C.ALREADY_MEMBER),
    ),
    Event.LOCKED_OUT: (
        *(_C.NOT_CONFIRMED, _C.NOT_CONFIRMED),
        *(Status.LOCKED_OUT, Status.LOCKED_OUT, Status.LOCKED_OUT),
        *(_C.ALREADY_IN_STATE, _C.INACTIVE, _C.INACTIVE),
    ),
    Event.LOCKED_FOR_GOOD: (
        *(_C.NOT_CONFIRMED, _C.NOT_CONFIRMED),
        *(Status.LOCKED_OUT, Status.LOCKED_OUT, Status.LOCKED_OUT),
        *(Effect.STAY, _C.INACTIVE, _C.INACTIVE),
    ),
    Event.LOCK_ENDED: (
        *(_C.NOT_LOCKED, _C.NOT_LOCKED),
        *(_C.NOT_LOCKED, _C.NOT_LOCKED, _C.NOT_LOCKED),
        *(Effect.RESUME, _C.NOT_LOCKED, _C.INACTIVE),
    ),
    Event.PASSWORD_EXPIRED: (
        *(_C.NOT_CONFIRMED, _C.NOT_CONFIRMED),
        *(Status.AWAITING_NEW_PASSWORD, _C.ALREADY_IN_STATE, _C.ALREADY_IN_STATE),
        *(_C.LOCKED_OUT, _C.INACTIVE, _C.INACTIVE),
    ),
    Event.PASSWORD_SET: (
        *(_C.UNVERIFIED, _C.UNVERIFIED),
        *(Effect.STAY, Status.ACTIVE, Status.ACTIVE),
        *(Status.ACTIVE, _C.INACTIVE, _C.INACTIVE),
    ),
    Event.WENT_IDLE: (
        *(_C.NOT_CONFIRMED, _C.NOT_CONFIRMED),
        *(Status.SUSPENDED, Status.SUSPENDED, Status.SUSPENDED),
        *(Status.SUSPENDED, _C.ALREADY_IN_STATE, _C.INACTIVE),
    ),
    Event.RETENTION_ENDED: (
        *(_C.NOT_CONFIRMED, _C.NOT_CONFIRMED),
        *(_C.ALREADY_IN_STATE, _C.ALREADY_IN_STATE, _C.ALREADY_IN_STATE),
        *(_C.ALREADY_IN_STATE, _C.ALREADY_IN_STATE, Effect.GONE),
    ),
    Event.INVITATION_EXPIRED: (
        *(_C.NOT_INVITED, Effect.STAY),
        *(_C.ALREADY_MEMBER, _C.ALREADY_MEMBER, _C.ALREADY_MEMBER),
        *(_C.ALREADY_MEMBER, _C.ALREADY_MEMBER, _C.ALREADY_MEMBER),
    ),
}
"""One row an event, one cell a status; a code where the event does not concern such a user."""

REASON = {
    Status.LOCKED_OUT: StatusReason.TOO_MANY_FAILED_SIGN_INS,
    Status.AWAITING_NEW_PASSWORD: StatusReason.PASSWORD_EXPIRED,
    Status.SUSPENDED: StatusReason.IDLE,
}

WAITING = Transition(Status.DEACTIVATED, StatusReason.WAITING_FOR_SEAT, Status.ACTIVE, None)
"""Accepted while no seat was free (K10)."""

ENDS_SESSIONS = frozenset({Event.WENT_IDLE, Event.PASSWORD_SET})

FORGIVES_FAILURES = frozenset({Event.LOCK_ENDED})
"""After these, earlier failures count towards no lock. They still count as failures in a row."""

CLEARS_FAILURES = frozenset({Event.ACCEPTED, Event.PASSWORD_SET})
"""After these, nothing is left of earlier failures."""


def concerns(event: Event, status: Status) -> bool:
    """Whether the event may change anything for users with that status."""
    return not isinstance(TABLE[event][list(Status).index(status)], Code)


def happens(event: Event, user: UserView, place: PortalState) -> Decision:
    """What the event makes of the user; Refusal where it does not concern him. Changes nothing.

    Whoever accepts without a free seat waits for one (K10). The last enabled admin never goes idle.
    """
    holds_seat = False if event is Event.INVITATION_EXPIRED else None
    change = evaluate(user, place, _move(event, user), holds_seat)
    if event is Event.ACCEPTED:
        try:
            a_package_runs(change, place)
            a_seat_is_free(change, place)
        except Refusal:
            return evaluate(user, place, WAITING)
    if event is Event.WENT_IDLE and change.admins < 0 and place.enabled_admins + change.admins < 1:
        raise Refusal(Code.LAST_ADMIN)
    return change


def _move(event: Event, user: UserView) -> Transition:
    cell = TABLE[event][list(Status).index(user.status)]
    if isinstance(cell, Code):
        raise Refusal(cell)
    if event is Event.LOCK_ENDED and user.locked_for_good:
        raise Refusal(Code.LOCKED_OUT)
    if event is Event.RETENTION_ENDED and user.status_reason is StatusReason.WAITING_FOR_SEAT:
        raise Refusal(Code.INACTIVE)
    if cell is Effect.GONE:
        return Transition(None, None, None, None)
    if cell is Effect.RESUME:
        return Transition(*resume(user), None, None)
    if isinstance(cell, Effect):
        return Transition(user.status, user.status_reason, user.resume_status, user.resume_reason)
    if cell in RESUMABLE:
        return Transition(cell, REASON.get(cell), None, None)
    return Transition(cell, REASON[cell], *resume(user))
