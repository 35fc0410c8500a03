"""Transitions between statuses: tables with a cell for each status, and the function that reads them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple, Protocol

from rules.lifecycle.statuses import CATEGORY, RESUMABLE, UNCONFIRMED, Category, Status, StatusReason
from rules.refusals import Code, Refusal


class Effect(Enum):
    """An entry of a table of transitions that is neither a fixed new status nor the code of a refusal."""

    RESUME = "the last resumable status is restored"
    STAY = "the status does not change"
    GONE = "the user is deleted"
    IF_PENDING = "STAY if the user has a pending e-mail address, else refused with ALREADY_VERIFIED"
    IF_ENROLLED = "STAY if the user has a second factor, else refused with NO_MFA_ENROLLED"


Cell = Status | Effect | Code
"""One cell of a table of transitions.

A Status is the new status of the user. A Code is the code with which the action or event is refused. An Effect is any
other result.
"""

Transitions = Mapping[Status, Cell]
"""The transitions of one action or event: maps each status that a user can have before it to a Cell, the result."""


class HasLifecycleColumns(Protocol):
    """A protocol for a user's row: the columns that transitions read."""

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


class Transition(NamedTuple):
    """The values of a user's columns after a change of status. `status` is None if the user is deleted."""

    status: Status | None
    status_reason: StatusReason | None
    resume_status: Status | None
    resume_reason: StatusReason | None

    @property
    def category(self) -> Category | None:
        return CATEGORY[self.status] if self.status else None

    @property
    def deletes(self) -> bool:
        return self.status is None


def follow(transitions: Transitions, user: HasLifecycleColumns, reason: StatusReason | None) -> Transition:
    """Return the transition from the user's status, as the cell `transitions[user.status]` declares it.

    If the cell is a new status, the new status reason is `reason`. Raise Refusal with one of these codes:

    - The code in the cell, if the cell is a Code.
    - ALREADY_VERIFIED: the cell is IF_PENDING, and the user has no pending e-mail address.
    - NO_MFA_ENROLLED: the cell is IF_ENROLLED, and the user has no second factor.
    """
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


def stay(user: HasLifecycleColumns) -> Transition:
    """Return the transition that keeps the user's status and reason."""
    return Transition(user.status, user.status_reason, user.resume_status, user.resume_reason)


def resume(user: HasLifecycleColumns) -> tuple[Status, StatusReason | None]:
    """Return the status and the reason that the user gets back after an unlock or activation (K18).

    This is the user's last status in RESUMABLE, or ACTIVE if there is none.
    """
    if user.status in RESUMABLE:
        return user.status, user.status_reason
    return user.resume_status or Status.ACTIVE, user.resume_reason
