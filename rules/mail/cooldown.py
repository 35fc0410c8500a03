"""The cooldown: the minimum time between two mails of one kind to the same account."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

COOLDOWN = timedelta(minutes=1)
"""The minimum time between two mails of one kind to the same account."""


class Cooldown(StrEnum):
    """The kinds of mail with a cooldown. The value is the name of the user's column with the time of the last mail."""

    RESET = "reset_mailed_at"
    VERIFICATION = "verification_mailed_at"


def retry_at(last: datetime | None, at: datetime, *, cap_ends_at: datetime | None = None) -> datetime | None:
    """Return when the next mail of a kind can be queued. None if it can be queued at `at`.

    - `last`: when the last mail of the kind was queued, or None.
    - `cap_ends_at`: when the mail cap of the address allows a mail. None means now.
    """
    # A time after `at` is ignored: a clock that was ahead wrote it.
    ends_at = next_at(last) if last is not None and last <= at < next_at(last) else None
    return max((instant for instant in (ends_at, cap_ends_at) if instant), default=None)


def next_at(at: datetime) -> datetime:
    """Return the end of a cooldown that begins at `at`."""
    return at + COOLDOWN


def began_after(at: datetime) -> datetime:
    """Return `at` minus COOLDOWN. Cooldowns that began after this time are still running at `at`."""
    return at - COOLDOWN
