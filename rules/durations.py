"""Durations: the numbers of a portal's policy, and times that are given as a duration back from now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST = timedelta(days=100 * 365)
"""The longest duration of a policy. A greater number is accepted and counts as LONGEST, so that dates do not overflow.
"""


def bounded(number: int, unit: timedelta) -> timedelta:
    """Return `number` times `unit`, or LONGEST if the product is longer."""
    return min(number, LONGEST // unit) * unit


@dataclass(frozen=True, slots=True)
class DateTimeOrDuration:
    """An instant, or a duration back from the time of the request. Exactly one of the fields is set."""

    instant: datetime | None = None
    duration: timedelta | None = None

    def at(self, now: datetime) -> datetime:
        """Return the instant that the value denotes in a request at `now`."""
        return now - self.duration if self.duration is not None else self.instant or now
