"""What only time brings about: which chores there are, and for how long things are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class Chore(StrEnum):
    """One kind of work, in the order in which they are done; the word is what reports and scripts read."""

    END_LOCKS = "locksEnded"
    SUSPEND_IDLE = "idleSuspended"
    WARN_IDLE = "idleWarned"
    ERASE_DEACTIVATED = "deactivatedErased"
    DROP_LINKS = "linksDropped"
    DROP_INVITATIONS = "invitationsDropped"
    DROP_SESSIONS = "sessionsDropped"
    DROP_PREVIEWS = "previewsDropped"
    DROP_IDEMPOTENCY_KEYS = "idempotencyKeysDropped"
    DROP_MAILS = "mailsDropped"
    DROP_RESET_REQUESTS = "resetRequestsDropped"
    DROP_MAIL_COUNTS = "mailCountsDropped"
    DROP_ATTEMPTS = "attemptsDropped"
    DROP_GUESSES = "guessesDropped"
    DROP_SOURCES = "sourcesDropped"


KEPT = {
    Chore.DROP_LINKS: timedelta(days=7),
    Chore.DROP_INVITATIONS: timedelta(days=30),
    Chore.DROP_SESSIONS: timedelta(days=30),
    Chore.DROP_PREVIEWS: timedelta(days=1),
    Chore.DROP_IDEMPOTENCY_KEYS: timedelta(hours=24),
    Chore.DROP_MAILS: timedelta(days=30),
    Chore.DROP_RESET_REQUESTS: timedelta(hours=1),
    Chore.DROP_MAIL_COUNTS: timedelta(days=1),
    Chore.DROP_ATTEMPTS: timedelta(days=30),
    Chore.DROP_GUESSES: timedelta(days=1),
    Chore.DROP_SOURCES: timedelta(days=180),
}
"""For how long after its end."""

MOST_SESSIONS = 20
"""Living sessions per account; beginning one more ends the one that was begun first."""

MOST_PREVIEWS = 20
"""Previews (dry runs) kept per account; the oldest are dropped when another is made."""

WARNED_BEFORE = timedelta(days=7)
"""So long before somebody is suspended as idle he is warned, where the policy lets him be idle for longer than that."""

UNIT = {
    Chore.END_LOCKS: timedelta(minutes=1),
    Chore.SUSPEND_IDLE: timedelta(days=1),
    Chore.WARN_IDLE: timedelta(days=1),
    Chore.ERASE_DEACTIVATED: timedelta(days=1),
}
"""What a portal's policy counts in: a day is 24 hours, so that no change of a clock's hour makes one shorter."""

_LONGEST = timedelta(days=100 * 365)


def lasts(chore: Chore, policy: int) -> timedelta:
    """For how long the policy lets somebody wait."""
    return min(policy, _LONGEST // UNIT[chore]) * UNIT[chore]


def waiting_since(chore: Chore, policy: int, at: datetime) -> tuple[datetime | None, datetime]:
    """Due are those who have waited since an instant after the first (None: any) and not after the second."""
    by = at - lasts(chore, policy)
    return (by, by + WARNED_BEFORE) if chore is Chore.WARN_IDLE else (None, by)
