"""Mail caps: how many mails of one kind a portal sends to one address within an hour and within a day.

Caps apply to kinds with a link or code. Without caps, admins and callers who are not signed in could request any number
of these mails.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MailCap:
    """The maximum number of mails of one kind from one portal to one address, per hour and per day."""

    per_hour: int
    per_day: int


FOR_ADMINS = MailCap(per_hour=5, per_day=20)
"""The cap for mails that admins request."""

FOR_STRANGERS = MailCap(per_hour=4, per_day=16)
"""The cap for mails that callers who are not signed in request.

This cap is lower than FOR_ADMINS. After such requests, an admin can therefore still send mails to the same address.
"""

MOST_CODES_OF_A_LINK = 20
"""The maximum number of registration codes that are mailed for one invitation, to all addresses together."""


def free_at(sent: Iterable[datetime], at: datetime, cap: MailCap) -> datetime | None:
    """Return the time from which the cap allows the next mail to an address. None if the cap allows a mail at `at`.

    `sent` holds the times of earlier mails of one kind to the address. Times after `at` are ignored: a clock that was
    ahead wrote them.
    """
    waits = [
        counted[-most] + within
        for within, most in ((HOUR, cap.per_hour), (DAY, cap.per_day))
        if len(counted := sorted(each for each in sent if at - within < each <= at)) >= most
    ]
    return max(waits, default=None)
