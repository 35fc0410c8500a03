"""Rate limits: how many failed calls are allowed within a period, by network or by account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from rules.messages.rate_limits import RateLimitMessage
from rules.refusals import Code

NOT_EVALUATED = frozenset({Code.RATE_LIMITED, Code.UNAVAILABLE})
"""The codes of refusals that do not count as failed calls, because the server did not check the input."""

NETWORK_FACTORS = (1, 2, 4)
"""The factors by which a limit is multiplied for larger networks, in the order of `networks_of`.

The first is for an IPv4 address or an IPv6 /64, the second for a /56, the third for a /48.
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """A rate limit: at most `failures` failed calls within a period. The period begins at the first of these failures.

    `within` is the length of the period. `message` is the message of the refusal.
    """

    message: RateLimitMessage
    failures: int
    within: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The rate limits. Each limit has its own counters.

    - `sign_ins`: failed sign-ins from a network. Failures from a known source of the account, from which its owner has
      signed in before, count only towards the account's lockout (T7). An office with many users therefore does not
      reach this limit.
    - `resets`: requests for a password reset from a network.
    - `links`: failed calls with a link's token from a network.
    - `changes`: failed calls of an account that must prove its password, such as a change of the e-mail address.
    """

    sign_ins: Limit = Limit(RateLimitMessage.SIGN_INS, 100)
    resets: Limit = Limit(RateLimitMessage.RESETS, 100)
    links: Limit = Limit(RateLimitMessage.LINKS, 300)
    changes: Limit = Limit(RateLimitMessage.CHANGES, 100)
    services: Limit = Limit(RateLimitMessage.SERVICES, 100)
