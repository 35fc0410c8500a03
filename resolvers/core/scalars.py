"""The scalars DateTime and DateTimeOrDuration."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import orjson
import strawberry
from strawberry.types.scalar import ScalarDefinition

from rules.durations import LONGEST, DateTimeOrDuration

# In RFC 3339 the offset -00:00 means UTC with an unknown local offset; the specification of the scalar forbids it.
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|(?!-00:00)[+-]\d\d:\d\d)")

# ISO 8601 without years and months, whose length depends on the calendar.
_DURATION = re.compile(
    r"P(?!$)(?:(\d{1,7})W)?(?:(\d{1,7})D)?(?:T(?!$)(?:(\d{1,7})H)?(?:(\d{1,7})M)?(?:(\d{1,7})S)?)?", re.ASCII
)


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
    """Return the instant that `text` denotes, in UTC. Raise ValueError if `text` is not RFC 3339 with a time zone."""
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


def read_instant_or_duration(text: object) -> DateTimeOrDuration:
    """Read an instant or a duration. Raise ValueError if `text` is neither.

    An instant is RFC 3339 with a time zone. A duration is ISO 8601 with weeks, days, hours, minutes and seconds, such
    as `P7D`, and at most LONGEST.
    """
    if not isinstance(text, str) or not text.startswith("P"):
        try:
            return DateTimeOrDuration(instant=read_instant(text))
        except ValueError as error:
            raise ValueError(
                str(error).replace(
                    "DateTime must be", "DateTimeOrDuration must be an ISO 8601 duration, for instance P90D, or"
                )
            ) from None
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(
            "A duration is ISO 8601 in whole weeks, days, hours, minutes and seconds, for instance P90D or PT36H."
        )
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in found.groups())
    duration = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if duration > LONGEST:
        raise ValueError(f"A duration is at most P{LONGEST.days}D.")
    return DateTimeOrDuration(duration=duration)


DATE_TIME_OR_DURATION: ScalarDefinition = strawberry.scalar(
    name="DateTimeOrDuration",
    description=(
        "An instant, as `DateTime` reads it, or an ISO 8601 duration back from the time of the request: `P90D` is 90 days"
        " ago, `PT36H` is 36 hours ago. A saved filter with a duration stays true. For each page of a list the instant is"
        " calculated anew; send the same text with the cursor, because another text is another filter. A duration has whole weeks, days,"
        f" hours, minutes and seconds, and is at most {LONGEST.days} days; years and months are refused, because their"
        " length depends on the calendar."
    ),
    parse_value=read_instant_or_duration,
)
