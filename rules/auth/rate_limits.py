"""Rate limits: how many failures are allowed within a time, by network or by account."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from rules.refusals import Code

NOT_EVALUATED = frozenset({Code.RATE_LIMITED, Code.UNAVAILABLE})
"""Refusals that are no failure of the caller. All others count."""

WIDER = (1, 2, 4)
"""The multiple of a limit that an IPv4 address or IPv6 /64, a /56 and a /48 may use."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `failures` in a window of time that begins with the first; `what` fails is said in the refusal."""

    what: str
    failures: int
    within: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The limits, each counted apart.

    Sign-ins: from sources that are new to the account. A known source has the account's own counter (T7), so a device in
    a large office neither uses up the office's tries nor waits for them. Changes: of one account, with its password.
    """

    sign_ins: Limit = Limit("sign-ins from your network", 100)
    resets: Limit = Limit("password resets from your network", 100)
    links: Limit = Limit("tries with links from your network", 300)
    changes: Limit = Limit("changes of your account", 100)


def in_words(wait: timedelta) -> str:
    """Return the time in whole seconds or minutes, never too short."""
    seconds = math.ceil(wait.total_seconds())
    number, unit = (seconds, "second") if seconds < 60 else (math.ceil(seconds / 60), "minute")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
