"""From a user's status to the next: a table keyed by status, and the one function that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from rules.lifecycle.statuses import CATEGORY, RESUMABLE, UNCONFIRMED, Category, Status, StatusReason
from rules.refusals import Code, Refusal


class Effect(Enum):
    """What a cell means that is neither a refusal nor a fixed new status."""

    RESUME = "the status becomes the last resumable one"
    STAY = "done; the status stays"
    GONE = "the user is deleted"
    IF_PENDING = "STAY if a changed address waits for verification, else ALREADY_VERIFIED"
    IF_ENROLLED = "STAY if MFA is set up, else NO_MFA_ENROLLED"


Cell = Status | Effect | Code
"""A status: the new one. A code: refused with it."""

Transitions = Mapping[Status, Cell]
"""One cell for each status."""


class LifecycleState(Protocol):
    """The columns of a user that transitions read and write."""

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
    """The columns after a transition. `status` is None for a deleted user."""

    status: Status | None
    status_reason: StatusReason | None
    resume_status: Status | None
    resume_reason: StatusReason | None

    @property
    def category(self) -> Category | None:
        return CATEGORY[self.status] if self.status else None


def follow(transitions: Transitions, user: LifecycleState, reason: StatusReason | None) -> Transition:
    """Return where the table leads the user, with `reason` for a new status. Raise Refusal(code) of the cell."""
    cell = transitions[user.status]
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
        return stay(user)
    if cell in RESUMABLE or cell in UNCONFIRMED:
        return Transition(cell, reason, None, None)
    return Transition(cell, reason, *resume(user))


def stay(user: LifecycleState) -> Transition:
    """Return the transition that changes nothing."""
    return Transition(user.status, user.status_reason, user.resume_status, user.resume_reason)


def resume(user: LifecycleState) -> tuple[Status, StatusReason | None]:
    """Return the last resumable status that the user was in, with its reason (K18)."""
    if user.status in RESUMABLE:
        return user.status, user.status_reason
    return user.resume_status or Status.ACTIVE, user.resume_reason
