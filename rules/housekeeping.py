"""The tasks of housekeeping: how long rows are kept, and when a user is due for a task."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from rules.bulk_limits import IDEMPOTENCY_KEY_LIVES
from rules.durations import bounded


class Task(StrEnum):
    """A task of housekeeping. The value is the task's name in reports, logs and metrics.

    Tasks run in the order of this enum. Rows with a foreign key are deleted before the rows that the key refers to.
    """

    END_LOCKS = "locksEnded"
    SUSPEND_IDLE = "idleSuspended"
    WARN_IDLE = "idleWarned"
    RELEASE_SEATS = "seatsReleased"
    ERASE_DEACTIVATED = "deactivatedErased"
    LOG_FAILED_SIGN_INS = "failedSignInsLogged"
    SIGN_CHECKPOINTS = "checkpointsSigned"
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
    DROP_FAILED_SIGN_INS = "failedSignInsDropped"
    DROP_GUESSES = "guessesDropped"
    DROP_SOURCES = "sourcesDropped"
    DROP_LIMITED_TRIES = "limitedTriesDropped"
    DROP_DELETED_NAMES = "deletedNamesDropped"
    DROP_CHECKPOINTS = "checkpointsDropped"


KEPT = {
    Task.DROP_IDEMPOTENCY_KEYS: IDEMPOTENCY_KEY_LIVES,
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
    Task.DROP_FAILED_SIGN_INS: timedelta(days=30),
    Task.DROP_GUESSES: timedelta(days=1),
    Task.DROP_SOURCES: timedelta(days=180),
    Task.DROP_LIMITED_TRIES: timedelta(0),
    Task.DROP_DELETED_NAMES: timedelta(0),
    Task.DROP_CHECKPOINTS: timedelta(days=30),
}
"""Maps each task that deletes rows to the time for which these rows are kept. The audit log is kept forever.

models/housekeeping/expired_rows.py has the column from which the time is counted.
"""

MOST_SESSIONS = 20
"""The maximum number of active sessions of an account. One more sign-in ends the session that began first."""

MOST_PREVIEWS = 20
"""The maximum number of stored previews (dry runs) of an account. One more preview deletes the oldest preview."""

WARNED_BEFORE = timedelta(days=7)
"""The minimum time between the warning and the suspension of an idle user."""

SOONEST_WARNING = timedelta(days=1)
"""The minimum idle time before a user is warned, even if the portal's idleSuspendDays is very small."""

HELD_FOR = timedelta(days=3)
"""The delay from an upgrade that adds one of the tasks in HELD_WHEN_NEW to the first run of the task.

If the database has no users, there is no delay.
"""

HELD_WHEN_NEW = frozenset({Task.SUSPEND_IDLE, Task.RELEASE_SEATS, Task.ERASE_DEACTIVATED, Task.DROP_OPERATIONS})
"""Tasks that suspend users, take seats from users, or delete users or operations.

When an upgrade adds such a task, its first run is delayed, so that the operator can check the portals' policies first.
"""

UNIT = {
    Task.END_LOCKS: timedelta(minutes=1),
    Task.SUSPEND_IDLE: timedelta(days=1),
    Task.WARN_IDLE: timedelta(days=1),
    Task.ERASE_DEACTIVATED: timedelta(days=1),
}
"""Maps a task to the unit of the policy's setting that determines when a user is due for the task.

A day is always 24 hours, regardless of daylight saving time.
"""


def waiting_since(task: Task, policy: int, at: datetime) -> datetime:
    """Return `at` minus the waiting time of the task. Users whose waiting began then or earlier are due at `at`.

    `policy` is the portal's setting for the task, a number of units `UNIT[task]`, and gives the waiting time: 90 for
    SUSPEND_IDLE gives 90 days. The time for WARN_IDLE is shorter by WARNED_BEFORE (7 days), but at least
    SOONEST_WARNING (1 day).
    """
    lasts = bounded(policy, UNIT[task])
    return at - (max(lasts - WARNED_BEFORE, SOONEST_WARNING) if task is Task.WARN_IDLE else lasts)


def suspended_at(idle_since: datetime, warned_at: datetime, policy: int) -> datetime:
    """Return when an idle user will be suspended, at least WARNED_BEFORE after the warning.

    `policy` is the portal's idleSuspendDays.
    """
    return max(idle_since + bounded(policy, UNIT[Task.SUSPEND_IDLE]), warned_at + WARNED_BEFORE)


def spares_last_admin(admins: int, enabled_admins: int) -> bool:
    """Return whether one of the idle admins must stay enabled, so that the portal keeps an enabled admin.

    `admins` is the number of admins who are due for suspension. `enabled_admins` is the number of all enabled admins.
    """
    return 0 < admins >= enabled_admins
