"""When wrong passwords and second factors lock an account, and what ends the lock (T7): the numbers, each once."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class Proof(StrEnum):
    """What an attempt tries to prove; each has counters of its own."""

    PASSWORD = "password"  # a kind of proof
    SECOND_FACTOR = "second factor"


STAFF_LOCKOUT_THRESHOLD = 10
"""Consecutive wrong passwords of a member of staff; a portal has its own lockoutThreshold."""

STAFF_LOCKOUT = timedelta(minutes=15)
"""How long staff wait after the last wrong password that counted."""

SECOND_FACTOR_ATTEMPTS = 5
"""Wrong codes of an account from one source before none is right any more; also the most of one challenge."""

SECOND_FACTOR_PAUSE = timedelta(minutes=15)
"""How long no code is right after the last of those."""

FAILURES_COUNT_FOR = timedelta(hours=24)
"""How long after a source's last wrong password its failures still count towards a lock."""

MOST_IN_A_ROW = 100
"""Consecutive failures of an account over all sources and locks; then only an admin or a new password opens it."""

ATTEMPT_LASTS = timedelta(seconds=30)
"""How long an attempt may be looked at; one that has not been answered by then died with its process."""

MOST_KNOWN_SOURCES = 20
"""Sources that an account is known to sign in from; a further one takes the place of the least recent."""
