"""The limits of the lockout (T7): how many wrong passwords and codes lock an account, and for how long."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class Proof(StrEnum):
    """What an attempt checks. Passwords and second factors have separate failure counters."""

    PASSWORD = "password"
    SECOND_FACTOR = "second factor"


STAFF_LOCKOUT_THRESHOLD = 10
"""Consecutive wrong passwords that lock a staff member. For portal users, the portal's lockoutThreshold applies."""

STAFF_LOCKOUT = timedelta(minutes=15)
"""How long a staff member is locked, from the last wrong password that counted."""

SECOND_FACTOR_ATTEMPTS = 5
"""Wrong codes for an account from one source after which every code is refused. Also the limit for one challenge."""

SECOND_FACTOR_PAUSE = timedelta(minutes=15)
"""How long every code is refused, from the last of the SECOND_FACTOR_ATTEMPTS wrong codes."""

FAILURES_COUNT_FOR = timedelta(hours=24)
"""How long the failures of a source count towards a lock, from the source's last wrong password."""

MOST_IN_A_ROW = 100
"""Consecutive failures of an account, over all sources and locks, after which only an admin or a new password unlocks
the account."""

ATTEMPT_LASTS = timedelta(seconds=30)
"""How long an attempt may take. An attempt without a result after this time was lost because its process ended."""

MOST_KNOWN_SOURCES = 20
"""The number of sources that are remembered for an account. A new source replaces the least recently used one."""
