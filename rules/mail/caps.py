"""How much mail of one kind an address gets within an hour and a day.

Counted are kinds with a link or code: strangers and admins can request them as often as they like.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MailCap:
    """At most so many mails of one kind from one portal to one address."""

    per_hour: int
    per_day: int


FOR_ADMINS = MailCap(per_hour=5, per_day=20)
"""What an admin's action may bring the number to."""

FOR_STRANGERS = MailCap(per_hour=4, per_day=16)
"""What a request without a session may bring it to: less, so that no stranger keeps an admin from mailing a user."""

MOST_CODES_OF_A_LINK = 20
"""Registration codes that are mailed for one invitation, to whichever addresses."""


def free_at(sent: Iterable[datetime], at: datetime, cap: MailCap) -> datetime | None:
    """Return when the next mail may go to an address that was mailed at the instants `sent`; None: now.

    Instants after `at` come from a clock that was set back, and do not count.
    """
    waits = [
        counted[-most] + within
        for within, most in ((HOUR, cap.per_hour), (DAY, cap.per_day))
        if len(counted := sorted(each for each in sent if at - within < each <= at)) >= most
    ]
    return max(waits, default=None)
