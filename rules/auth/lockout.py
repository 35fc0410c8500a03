"""The limits of the lockout (T7): how many wrong passwords or codes lock an account, and for how long."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class Proof(StrEnum):
    """What an attempt proves: a password or a second factor. Failures of the two are counted separately."""

    PASSWORD = "password"
    SECOND_FACTOR = "second factor"


STAFF_LOCKOUT_THRESHOLD = 10
"""The number of wrong passwords from one source that locks a staff member out.

For portal users, the portal's lockoutThreshold applies.
"""

STAFF_LOCKOUT = timedelta(minutes=15)
"""How long a staff member is locked out. The lockout begins at the wrong password that reached the threshold."""

SECOND_FACTOR_ATTEMPTS = 5
"""The number of wrong codes from one source that locks an account. A lower lockout threshold takes precedence.

A step of a sign-in also ends after this number of wrong codes or passwords.
"""

SECOND_FACTOR_PAUSE = timedelta(minutes=15)
"""How long all codes from a source are refused after SECOND_FACTOR_ATTEMPTS wrong codes from this source.

The pause begins at the last of these wrong codes.
"""

FAILURES_COUNT_FOR = timedelta(hours=24)
"""How long wrong passwords from one network count towards a lock. The time begins anew at each wrong password.

For staff, the time is STAFF_LOCKOUT.
"""

FAILURES_LOGGED_EVERY = timedelta(hours=1)
"""The minimum time between two audit events about failed sign-ins of an account.

Each event has the number of failures since the previous event.
"""

MOST_IN_A_ROW = 100
"""The number of failures without a success after which a lock of the account does not end by itself.

Only an admin or a new password then unlocks the account. Failures from all sources count, also failures before earlier
locks.
"""

ATTEMPT_LASTS = timedelta(seconds=30)
"""The maximum duration of an attempt. An older attempt without a result is discarded: its process was killed."""

MOST_KNOWN_SOURCES = 20
"""The maximum number of known sources of an account. A new source replaces the least recently used source."""
