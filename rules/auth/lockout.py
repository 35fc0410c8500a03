"""The numbers of the lockout (T7): how many wrong passwords and codes lock an account, and for how long."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class Proof(StrEnum):
    """What an attempt proves. Each has its own counters."""

    PASSWORD = "password"  # a kind of proof
    SECOND_FACTOR = "second factor"


STAFF_LOCKOUT_THRESHOLD = 10
"""Consecutive wrong passwords of a member of staff; a portal has its own lockoutThreshold."""

STAFF_LOCKOUT = timedelta(minutes=15)
"""How long staff wait after the last wrong password that counted."""

SECOND_FACTOR_ATTEMPTS = 5
"""Wrong codes of an account from one source before every code is refused; also the most of one challenge."""

SECOND_FACTOR_PAUSE = timedelta(minutes=15)
"""How long every code is refused after the last of those."""

FAILURES_COUNT_FOR = timedelta(hours=24)
"""How long after a source's last wrong password its failures still count towards a lock."""

MOST_IN_A_ROW = 100
"""Consecutive failures of an account over all sources and locks. Then only an admin or a new password unlocks it."""

ATTEMPT_LASTS = timedelta(seconds=30)
"""How long an attempt may take. One without a result by then was lost with its process."""

MOST_KNOWN_SOURCES = 20
"""Sources that an account is known to sign in from. One more replaces the least recent."""
