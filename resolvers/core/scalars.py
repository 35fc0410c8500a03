"""Scalars of our own."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import strawberry
from strawberry.types.scalar import ScalarDefinition

# -00:00 means "in UTC, from a place that is not known" in RFC 3339; the scalar's own page forbids it.
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|(?!-00:00)[+-]\d\d:\d\d)")


def write_instant(instant: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and Z."""
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return instant.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def read_instant(text: object) -> datetime:
    """An instant with its offset; ValueError for anything that is none, or that leaves the time zone open."""
    if not isinstance(text, str) or not _RFC3339.fullmatch(text):
        raise ValueError("DateTime wants RFC 3339 with a time zone, like 2026-01-31T09:00:00Z.")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError("In UTC this instant lies outside the years 1 to 9999.") from None


DATE_TIME: ScalarDefinition = strawberry.scalar(
    name="DateTime",
    description=(
        "An instant in UTC, RFC 3339, always written with Z and milliseconds: `2026-01-31T09:00:00.000Z`."
        " As input any RFC 3339 offset but -00:00 is taken, and 0 to 9 digits of a fraction; an instant without an offset"
        " is refused."
    ),
    specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
    serialize=write_instant,
    parse_value=read_instant,
)
