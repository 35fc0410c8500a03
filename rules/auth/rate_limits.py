"""Rate limits: how many failed calls are allowed within a time, by network or by account."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from rules.refusals import Code

NOT_EVALUATED = frozenset({Code.RATE_LIMITED, Code.UNAVAILABLE})
"""Codes of refusals that do not count as failures. All other codes count."""

WIDER = (1, 2, 4)
"""Factors on a limit by size of the network: IPv4 address or IPv6 /64, IPv6 /56, IPv6 /48."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `failures` within the duration `within`, which begins with the first failure.

    `what` names the failed calls in the refusal's message.
    """

    what: str
    failures: int
    within: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The limits. Each limit has its own counter.

    `sign_ins`: failed sign-ins from sources that are not known for the account, by network. Failures from a known source
    count for the account only (T7), so that a network with many users, such as an office, does not reach the limit.
    `resets`: requests for a password reset, by network. `links`: calls with a link's token, by network. `changes`:
    changes with the account's password, by account.
    """

    sign_ins: Limit = Limit("sign-ins from your network", 100)
    resets: Limit = Limit("password resets from your network", 100)
    links: Limit = Limit("tries with links from your network", 300)
    changes: Limit = Limit("changes of your account", 100)


def in_words(wait: timedelta) -> str:
    """Return the duration as text, rounded up to whole seconds, or to whole minutes from 60 seconds on."""
    seconds = math.ceil(wait.total_seconds())
    number, unit = (seconds, "second") if seconds < 60 else (math.ceil(seconds / 60), "minute")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
