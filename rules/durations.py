"""Convert the numbers of a portal's policy to durations."""

from __future__ import annotations

from datetime import timedelta

LONGEST = timedelta(days=100 * 365)
"""The longest duration of a policy. A larger number is accepted and counts as LONGEST, so that dates do not overflow."""


def bounded(number: int, unit: timedelta) -> timedelta:
    """Return `number` times `unit`, at most LONGEST."""
    return min(number, LONGEST // unit) * unit
