"""The scalar DateTime."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import orjson
import strawberry
from strawberry.types.scalar import ScalarDefinition

# In RFC 3339 the offset -00:00 means UTC with an unknown local offset; the specification of the scalar forbids it.
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|(?!-00:00)[+-]\d\d:\d\d)")


def write_instant(instant: datetime) -> str:
    """Return the instant as RFC 3339 text, in UTC with milliseconds and Z.

    Raise ValueError if the instant has no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone")
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    # A third of the time of isoformat(). orjson writes six fractional digits, or none for a whole second.
    text = orjson.dumps(instant, None, orjson.OPT_UTC_Z)
    return (text[1:24] if len(text) > 23 else text[1:20] + b".000").decode() + "Z"


def read_instant(text: object) -> datetime:
    """Return the instant that `text` denotes, in UTC. Raise ValueError unless `text` is RFC 3339 with a time zone."""
    if not isinstance(text, str) or not _RFC3339.fullmatch(text):
        raise ValueError("DateTime must be RFC 3339 with a time zone, for instance 2026-01-31T09:00:00Z.")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError("In UTC the instant is outside the years 1 to 9999.") from None


DATE_TIME: ScalarDefinition = strawberry.scalar(
    name="DateTime",
    description=(
        "An instant in RFC 3339. Output is in UTC with Z and milliseconds: `2026-01-31T09:00:00.000Z`. Input takes any"
        " offset except -00:00, and 0 to 9 fractional digits; an instant without an offset is refused."
    ),
    specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
    serialize=write_instant,
    parse_value=read_instant,
)
