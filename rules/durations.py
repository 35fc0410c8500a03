"""Durations: a number and a unit of a portal's policy, and instants that a client gives as a duration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST = timedelta(days=100 * 365)
"""The longest duration of a policy. A longer duration is accepted and counts as LONGEST, so that dates do not overflow.
"""


def bounded(number: int, unit: timedelta) -> timedelta:
    """Return `number` times `unit`, or LONGEST if the product is longer."""
    return min(number, LONGEST // unit) * unit


@dataclass(frozen=True, slots=True)
class DateTimeOrDuration:
    """An instant that a client gives either as a date and time, or as a duration before now.

    Exactly one of the fields is set.
    """

    instant: datetime | None = None
    duration: timedelta | None = None

    def at(self, now: datetime) -> datetime:
        """Return `instant`, or `now` minus `duration`. `now` is the time of the request."""
        return now - self.duration if self.duration is not None else self.instant or now
