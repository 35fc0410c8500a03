"""What each action does to each status: the table of docs/requirements.md#actions, and the function that reads it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from rules.lifecycle.actions import Action
from rules.lifecycle.statuses import CATEGORY, RESUMABLE, UNCONFIRMED, Category, Status, StatusReason
from rules.refusals import Code, Refusal


class Effect(Enum):
    """What a cell of the table does when it is not a refusal and not a fixed new status."""

    RESUME = "back to the last of the three resumable statuses"
    STAY = "done; the status stays"
    GONE = "the user is deleted"
    IF_PENDING = "done where a changed address waits for verification, else ALREADY_VERIFIED"
    IF_ENROLLED = "done where MFA is set up, else NO_MFA_ENROLLED"


Cell = Status | Effect | Code

_C = Code
TABLE: dict[Action, tuple[Cell, ...]] = {
    # STAGED, PROVISIONED, ACTIVE, AWAITING_NEW_PASSWORD, RECOVERY, LOCKED_OUT, SUSPENDED, DEACTIVATED
    Action.INVITE: (
        *(Status.PROVISIONED, Effect.STAY),
        *(_C.ALREADY_MEMBER, _C.ALREADY_MEMBER, _C.ALREADY_MEMBER),
        *(_C.ALREADY_MEMBER, _C.INACTIVE, _C.INACTIVE),
    ),
    Action.ACTIVATE: (
        *(_C.NOT_CONFIRMED, _C.NOT_CONFIRMED),
        *(_C.ALREADY_IN_STATE, _C.ALREADY_IN_STATE, _C.ALREADY_IN_STATE),
        *(_C.LOCKED_OUT, Effect.RESUME, Effect.RESUME),
    ),
    Action.DEACTIVATE: (
        *(_C.NOT_CONFIRMED, _C.NOT_CONFIRMED),
        *(Status.DEACTIVATED, Status.DEACTIVATED, Status.DEACTIVATED),
        *(Status.DEACTIVATED, Status.DEACTIVATED, _C.ALREADY_IN_STATE),
    ),
    Action.LOCK: (
        *(_C.NOT_CONFIRMED, _C.NOT_CONFIRMED),
        *(Status.SUSPENDED, Status.SUSPENDED, Status.SUSPENDED),
        *(Status.SUSPENDED, _C.ALREADY_IN_STATE, _C.INACTIVE),
    ),
    Action.UNLOCK: (
        *(_C.NOT_LOCKED, _C.NOT_LOCKED),
        *(_C.NOT_LOCKED, _C.NOT_LOCKED, _C.NOT_LOCKED),
        *(Effect.RESUME, Effect.RESUME, _C.INACTIVE),
    ),
    Action.REVOKE_SESSIONS: (
        *(_C.NOT_CONFIRMED, _C.NOT_CONFIRMED),
        *(Effect.STAY, Effect.STAY, Effect.STAY),
        *(Effect.STAY, Effect.STAY, Effect.STAY),
    ),
    Action.RESEND_VERIFICATION: (
        *(_C.NOT_INVITED, Effect.STAY),
        *(Effect.IF_PENDING, Effect.IF_PENDING, Effect.IF_PENDING),
        *(Effect.IF_PENDING, _C.INACTIVE, _C.INACTIVE),
    ),
    Action.RESET_PASSWORD: (
        *(_C.UNVERIFIED, _C.UNVERIFIED),
        *(Status.RECOVERY, Status.RECOVERY, Effect.STAY),
        *(_C.LOCKED_OUT, _C.INACTIVE, _C.INACTIVE),
    ),
    Action.RESET_MFA: (
        *(_C.UNVERIFIED, _C.UNVERIFIED),
        *(Effect.IF_ENROLLED, Effect.IF_ENROLLED, Effect.IF_ENROLLED),
        *(Effect.IF_ENROLLED, Effect.IF_ENROLLED, _C.INACTIVE),
    ),
    Action.UPDATE: (Effect.STAY,) * len(Status),
    Action.DELETE: (Effect.GONE,) * len(Status),
}
"""One row an action, one cell a status. An action without a row does not exist in this version."""

SUGGESTED = {
    (Action.ACTIVATE, Code.LOCKED_OUT): Action.UNLOCK,
    (Action.RESET_PASSWORD, Code.LOCKED_OUT): Action.UNLOCK,
    (Action.RESEND_VERIFICATION, Code.NOT_INVITED): Action.INVITE,
}
"""What to try instead, where the table knows."""

REASON_OF_MOVE = {
    Status.RECOVERY: StatusReason.RESET_REQUESTED_BY_ADMIN,
    Status.SUSPENDED: StatusReason.ADMIN_ACTION,
    Status.DEACTIVATED: StatusReason.ADMIN_ACTION,
}
"""Why a user whom an admin moved there has that status."""

ENDS_SESSIONS = frozenset(
    {
        Action.DEACTIVATE,
        Action.LOCK,
        Action.DELETE,
        Action.REVOKE_SESSIONS,
        Action.RESET_PASSWORD,
        Action.RESET_MFA,
    }
)

ENDS_SIGNING_IN = frozenset({Action.REVOKE_SESSIONS, Action.RESET_MFA})
"""After these, whoever is between password and session begins anew. The others bar the account, which is told there."""

CLEARS_FAILURES = frozenset({Action.ACTIVATE, Action.UNLOCK})
"""After these, nothing is left of earlier failures."""


class LifecycleState(Protocol):
    """Where a user stands."""

    @property
    def status(self) -> Status: ...
    @property
    def status_reason(self) -> StatusReason | None: ...
    @property
    def resume_status(self) -> Status | None: ...
    @property
    def resume_reason(self) -> StatusReason | None: ...
    @property
    def pending_email(self) -> str | None: ...
    @property
    def mfa_enrolled(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Transition:
    """Where an action leads. `status` None: the user is gone."""

    status: Status | None
    status_reason: StatusReason | None
    resume_status: Status | None
    resume_reason: StatusReason | None

    @property
    def category(self) -> Category | None:
        return CATEGORY[self.status] if self.status else None


def transition(action: Action, user: LifecycleState) -> Transition:
    """What `action` makes of a user who stands there; Refusal with the table's code when it may not be."""
    if action not in TABLE:
        raise Refusal(Code.NOT_SUPPORTED)
    cell = TABLE[action][list(Status).index(user.status)]
    if isinstance(cell, Code):
        raise Refusal(cell)

    if cell is Effect.IF_PENDING and user.pending_email is None:
        raise Refusal(Code.ALREADY_VERIFIED)
    if cell is Effect.IF_ENROLLED and not user.mfa_enrolled:
        raise Refusal(Code.NO_MFA_ENROLLED)

    if cell is Effect.GONE:
        return Transition(None, None, None, None)
    if cell is Effect.RESUME:
        return Transition(*resume(user), None, None)
    if isinstance(cell, Effect):
        return Transition(user.status, user.status_reason, user.resume_status, user.resume_reason)
    if cell in RESUMABLE or cell in UNCONFIRMED:
        return Transition(cell, REASON_OF_MOVE.get(cell), None, None)
    return Transition(cell, REASON_OF_MOVE[cell], *resume(user))


def resume(user: LifecycleState) -> tuple[Status, StatusReason | None]:
    """Where the user goes back to, with its reason: the last of the three resumable statuses that he was in (K18)."""
    if user.status in RESUMABLE:
        return user.status, user.status_reason
    return user.resume_status or Status.ACTIVE, user.resume_reason
