"""What is declared about an event in a user's life. The rows are in rules/lifecycle/events.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rules.audit_events import AuditEventType
from rules.lifecycle.requests import UserView
from rules.lifecycle.statuses import StatusReason
from rules.lifecycle.transitions import Transition, Transitions
from rules.refusals import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSpec:
    """What an event does, and to which users."""

    audit_event: AuditEventType
    transitions: Transitions
    status_reason: StatusReason | None = None
    """The reason of the new status."""
    exempt: tuple[Code, Callable[[UserView], bool]] | None = None
    """Users that the event skips although their status has a cell, and the code for them."""
    keeps_last_admin: bool = False
    """The event skips the last enabled admin of a portal: LAST_ADMIN."""

    without_seat: Transition | None = None
    """The transition if a seat is needed and none is free."""
    releases_seat: bool = False
    """The user holds no seat afterwards, whatever the status."""

    ends_sessions: bool = False
    forgives_attempts: bool = False
    """Earlier failed attempts no longer count towards a lock. They still count as failures in a row."""
    clears_attempts: bool = False
    """Earlier failed attempts no longer count at all."""
