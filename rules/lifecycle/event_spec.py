"""The type of one row in the table of lifecycle events. The table itself is in rules/lifecycle/events.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rules.audit_events import AuditEventType
from rules.lifecycle.decision_types import HasDecisionColumns
from rules.lifecycle.statuses import StatusReason
from rules.lifecycle.transitions import Transition, Transitions
from rules.refusals import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSpec:
    """One row of the table of lifecycle events: the effects of an event, and which users are exempt."""

    audit_event: AuditEventType
    transitions: Transitions
    status_reason: StatusReason | None = None
    """The status reason that is stored with the new status."""
    exempt: tuple[Code, Callable[[HasDecisionColumns], bool]] | None = None
    """A code and a condition on a user. The event is refused with this code for users who meet the condition."""
    keeps_last_admin: bool = False
    """Whether the event is refused with LAST_ADMIN for the last enabled admin of a portal."""

    without_seat: Transition | None = None
    """The transition to use instead if the user needs a seat and no seat is free. None if the event checks no seats."""
    releases_seat: bool = False
    """True if the event always releases the user's seat. If False, the new status decides whether the user has a seat."""

    ends_sessions: bool = False
    forgives_attempts: bool = False
    """Whether earlier failed attempts stop counting towards the lockout threshold.

    They still count towards MOST_IN_A_ROW.
    """
    clears_attempts: bool = False
    """Whether the event deletes the counters of the user's failed attempts."""
