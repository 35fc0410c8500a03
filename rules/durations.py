"""Convert the numbers of a portal's policy to durations."""

from __future__ import annotations

from datetime import timedelta

LONGEST = timedelta(days=100 * 365)
"""The longest duration of a policy. A greater number is accepted and counts as LONGEST, so that dates do not overflow.
"""


def bounded(number: int, unit: timedelta) -> timedelta:
    """Return `number` times `unit`, or LONGEST if the product is longer."""
    return min(number, LONGEST // unit) * unit
