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
    """The most mails of one kind from one portal to one address."""

    per_hour: int
    per_day: int


FOR_ADMINS = MailCap(per_hour=5, per_day=20)
"""The cap of what admins do."""

FOR_STRANGERS = MailCap(per_hour=4, per_day=16)
"""The cap of requests without a session. Lower, so that a stranger cannot keep an admin from mailing a user."""

MOST_CODES_OF_A_LINK = 20
"""Registration codes that are mailed for one invitation, to all addresses together."""


def free_at(sent: Iterable[datetime], at: datetime, cap: MailCap) -> datetime | None:
    """Return when the cap allows the next mail to an address that was mailed at the instants `sent`; None: now.

    Instants after `at` were written before the clock was set back, and do not count.
    """
    waits = [
        counted[-most] + within
        for within, most in ((HOUR, cap.per_hour), (DAY, cap.per_day))
        if len(counted := sorted(each for each in sent if at - within < each <= at)) >= most
    ]
    return max(waits, default=None)
