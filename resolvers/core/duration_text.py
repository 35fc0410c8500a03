"""Durations as English text, for descriptions and messages."""

from __future__ import annotations

from datetime import timedelta

_UNITS = (
    ("day", timedelta(days=1), 2),
    ("hour", timedelta(hours=1), 1),
    ("minute", timedelta(minutes=1), 1),
    ("second", timedelta(seconds=1), 0),
)


def duration_text(duration: timedelta) -> str:
    """Return the duration in the largest unit without a remainder, such as `90 minutes`, `1 hour` or `30 days`.

    One day is `24 hours`. Requires a duration of whole seconds.
    """
    unit, number = next(
        (unit, duration // length)
        for unit, length, least in _UNITS
        if duration % length == timedelta() and duration // length >= least
    )
    return f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s"
