"""The cooldown: the time between two mails of one kind to the same account."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

COOLDOWN = timedelta(minutes=1)
"""Between two mails of a kind to the same user."""


class Cooldown(StrEnum):
    """A cooldown that a user can be in; the value is the column with the time of the last mail."""

    RESET = "reset_mailed_at"
    VERIFICATION = "verification_mailed_at"


def retry_at(last: datetime | None, at: datetime, *, cap_ends_at: datetime | None = None) -> datetime | None:
    """Return when the next mail may be queued; None: now.

    `last` is when a mail of the kind was queued last, `cap_ends_at` when the address may be sent more (None: now). A
    `last` after `at` was written by a clock that was ahead, and is ignored, so that no cooldown is longer than COOLDOWN.
    """
    ends_at = next_at(last) if last is not None and last <= at < next_at(last) else None
    return max((instant for instant in (ends_at, cap_ends_at) if instant), default=None)


def next_at(at: datetime) -> datetime:
    """Return the earliest time of the next mail, if one is queued at `at`."""
    return at + COOLDOWN


def began_after(at: datetime) -> datetime:
    """Return the instant after which a mail was queued if its cooldown still runs at `at`."""
    return at - COOLDOWN
