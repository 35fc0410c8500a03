"""Housekeeping: its tasks, and how long and how many rows are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from rules.durations import bounded


class Task(StrEnum):
    """A task; tasks run in this order. The value is the name in reports, logs and metrics.

    No task depends on a later one: rows that refer to others are dropped first.
    """

    END_LOCKS = "locksEnded"
    SUSPEND_IDLE = "idleSuspended"
    WARN_IDLE = "idleWarned"
    RELEASE_SEATS = "seatsReleased"
    ERASE_DEACTIVATED = "deactivatedErased"
    DROP_IDEMPOTENCY_KEYS = "idempotencyKeysDropped"
    DROP_MAILS = "mailsDropped"
    DROP_DEAD_MAILS = "deadMailsDropped"
    DROP_UNSENT_MAILS = "unsentMailsDropped"
    DROP_RESET_REQUESTS = "resetRequestsDropped"
    DROP_MAIL_COUNTS = "mailCountsDropped"
    DROP_LINKS = "linksDropped"
    DROP_INVITATIONS = "invitationsDropped"
    DROP_SESSIONS = "sessionsDropped"
    DROP_PREVIEWS = "previewsDropped"
    DROP_OPERATIONS = "operationsDropped"
    DROP_ATTEMPTS = "attemptsDropped"
    DROP_GUESSES = "guessesDropped"
    DROP_SOURCES = "sourcesDropped"
    DROP_LIMITED_TRIES = "limitedTriesDropped"


KEPT = {
    Task.DROP_IDEMPOTENCY_KEYS: timedelta(hours=24),
    Task.DROP_MAILS: timedelta(days=30),
    Task.DROP_DEAD_MAILS: timedelta(days=90),
    Task.DROP_UNSENT_MAILS: timedelta(days=30),
    Task.DROP_RESET_REQUESTS: timedelta(hours=1),
    Task.DROP_MAIL_COUNTS: timedelta(days=1),
    Task.DROP_LINKS: timedelta(days=7),
    Task.DROP_INVITATIONS: timedelta(days=30),
    Task.DROP_SESSIONS: timedelta(days=30),
    Task.DROP_PREVIEWS: timedelta(days=1),
    Task.DROP_OPERATIONS: timedelta(days=400),
    Task.DROP_ATTEMPTS: timedelta(days=30),
    Task.DROP_GUESSES: timedelta(days=1),
    Task.DROP_SOURCES: timedelta(days=180),
    Task.DROP_LIMITED_TRIES: timedelta(0),
}
"""How long rows are kept after their end. The audit log is kept forever."""

MOST_SESSIONS = 20
"""Active sessions per account. One more ends the oldest."""

MOST_PREVIEWS = 20
"""Previews (dry runs) per account. One more drops the oldest."""

WARNED_BEFORE = timedelta(days=7)
"""The least time between the warning and the suspension of an idle user."""

SOONEST_WARNING = timedelta(days=1)
"""The least idle time before a warning, however short the portal's policy is."""

HELD_FOR = timedelta(days=3)
"""How long a task of HELD_WHEN_NEW is delayed in a database that already has users when the task is new to it."""

HELD_WHEN_NEW = frozenset({Task.SUSPEND_IDLE, Task.RELEASE_SEATS, Task.ERASE_DEACTIVATED, Task.DROP_OPERATIONS})
"""Tasks that remove something that users or admins see. After an upgrade an operator has time to check."""

UNIT = {
    Task.END_LOCKS: timedelta(minutes=1),
    Task.SUSPEND_IDLE: timedelta(days=1),
    Task.WARN_IDLE: timedelta(days=1),
    Task.ERASE_DEACTIVATED: timedelta(days=1),
}
"""The unit of a portal's policy. A day is 24 hours: daylight saving time shortens none."""


def waiting_since(task: Task, policy: int, at: datetime) -> datetime:
    """Return the instant: a user is due who has waited since that instant or longer."""
    lasts = bounded(policy, UNIT[task])
    return at - (max(lasts - WARNED_BEFORE, SOONEST_WARNING) if task is Task.WARN_IDLE else lasts)


def suspended_at(idle_since: datetime, warned_at: datetime, policy: int) -> datetime:
    """Return when a user is suspended who has been idle since `idle_since` and was warned at `warned_at`."""
    return max(idle_since + bounded(policy, UNIT[Task.SUSPEND_IDLE]), warned_at + WARNED_BEFORE)
