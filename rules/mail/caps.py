"""Mail caps: how many mails of one kind a portal sends to one address within an hour and within a day.

Caps apply to mails with a link or code. Without them, anyone could have any number of such mails sent to an address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MailCap:
    """How many mails of one kind a portal may send to one address, per hour and per day."""

    per_hour: int
    per_day: int


FOR_ADMINS = MailCap(per_hour=5, per_day=20)
"""The cap for mails that admins request."""

FOR_STRANGERS = MailCap(per_hour=4, per_day=16)
"""The cap for mails that callers who are not signed in request.

This cap is lower than FOR_ADMINS, so that an admin can still send mails to an address after strangers used up theirs.
"""

MOST_CODES_OF_A_LINK = 20
"""The maximum number of registration codes that are mailed for one invitation. Codes to all addresses count."""


def free_at(sent: Iterable[datetime], at: datetime, cap: MailCap) -> datetime | None:
    """Return the time from which `cap` allows the next mail to an address, or None if it allows a mail at `at`.

    `sent` holds the times of the earlier mails of the same kind to the address.
    """
    # Times after `at` are ignored: a clock that was ahead wrote them.
    waits = [
        counted[-most] + within
        for within, most in ((HOUR, cap.per_hour), (DAY, cap.per_day))
        if len(counted := sorted(each for each in sent if at - within < each <= at)) >= most
    ]
    return max(waits, default=None)
