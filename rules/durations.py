"""Durations that policies state as numbers."""

from __future__ import annotations

from datetime import timedelta

LONGEST = timedelta(days=100 * 365)
"""The longest duration of a policy. Any number is accepted, and none leads beyond the calendar."""


def bounded(number: int, unit: timedelta) -> timedelta:
    """Return `number` times `unit`, at most LONGEST."""
    return min(number, LONGEST // unit) * unit
