"""Durations that policies state as numbers."""

from __future__ import annotations

from datetime import timedelta

LONGEST = timedelta(days=100 * 365)
"""No policy lasts longer; any number is accepted, and none leads beyond the calendar."""


def bounded(number: int, unit: timedelta) -> timedelta:
    """Return `number` times `unit`, LONGEST at most."""
    return min(number, LONGEST // unit) * unit
