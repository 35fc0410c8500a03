"""The limits of the lockout (T7): how many wrong passwords and codes lock an account, and for how long."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class Proof(StrEnum):
    """What an attempt proves: a password or a second factor. Each of the two has its own failure counters."""

    PASSWORD = "password"
    SECOND_FACTOR = "second factor"


STAFF_LOCKOUT_THRESHOLD = 10
"""Consecutive wrong passwords that lock a staff member. For portal users, the portal's lockoutThreshold applies."""

STAFF_LOCKOUT = timedelta(minutes=15)
"""How long a staff member is locked. The lock begins at the last wrong password that counted."""

SECOND_FACTOR_ATTEMPTS = 5
"""The number of wrong codes from one source after which an account accepts no code. Also the limit for one challenge.
"""

SECOND_FACTOR_PAUSE = timedelta(minutes=15)
"""How long an account refuses every code after SECOND_FACTOR_ATTEMPTS wrong codes. Begins at the last wrong code."""

FAILURES_COUNT_FOR = timedelta(hours=24)
"""How long the failures of a source count towards a lock. Begins at the source's last wrong password."""

MOST_IN_A_ROW = 100
"""The number of consecutive failures of an account after which the lock no longer ends by itself.

Failures from all sources and during earlier locks are included. Only an admin or a new password unlocks the account.
"""

ATTEMPT_LASTS = timedelta(seconds=30)
"""The maximum duration of an attempt. An older attempt without a result was lost because its process ended."""

MOST_KNOWN_SOURCES = 20
"""The number of sources that are remembered for an account. A new source replaces the least recently used one."""
