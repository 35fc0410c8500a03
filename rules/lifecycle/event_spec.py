"""The type of a row in the table of lifecycle events. The table is in rules/lifecycle/events.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rules.audit_events import AuditEventType
from rules.lifecycle.requests import HasDecisionColumns
from rules.lifecycle.statuses import StatusReason
from rules.lifecycle.transitions import Transition, Transitions
from rules.refusals import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSpec:
    """The declaration of a lifecycle event: its effects and its exceptions."""

    audit_event: AuditEventType
    transitions: Transitions
    status_reason: StatusReason | None = None
    """The reason of the new status."""
    exempt: tuple[Code, Callable[[HasDecisionColumns], bool]] | None = None
    """A code, and a condition on users. For users that meet the condition, the event is refused with the code."""
    keeps_last_admin: bool = False
    """Whether the event is refused with LAST_ADMIN for the last enabled admin of a portal."""

    without_seat: Transition | None = None
    """The transition if the user needs a seat and none is available. None: the event needs no check of seats."""
    releases_seat: bool = False
    """Whether the user's seat is released regardless of the new status."""

    ends_sessions: bool = False
    forgives_attempts: bool = False
    """Whether earlier failed attempts stop counting towards a lockout. They still count as consecutive failures."""
    clears_attempts: bool = False
    """Whether earlier failed attempts are deleted."""
