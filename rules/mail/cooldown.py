"""The wait between two mails of one kind to the same account."""

from __future__ import annotations

from datetime import datetime, timedelta

COOLDOWN = timedelta(minutes=1)
"""Between two mails of a kind to the same user."""


def waits_until(last: datetime | None, at: datetime) -> datetime | None:
    """Return when the wait that began at `last` ends, or None if nothing waits at `at`.

    An instant after `at` was written by a clock that was ahead. It starts no wait, so that no wait is longer than
    COOLDOWN.
    """
    if last is None or not last <= at < last + COOLDOWN:
        return None
    return last + COOLDOWN
