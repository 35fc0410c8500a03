"""Rate limits: how many failed calls are allowed within a period, by network or by account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from rules.messages.rate_limits import RateLimitMessage
from rules.refusals import Code

NOT_EVALUATED = frozenset({Code.RATE_LIMITED, Code.UNAVAILABLE})
"""The codes of refusals that do not count as failed calls, because the server did not check the input."""

NETWORK_FACTORS = (1, 2, 4)
"""The factors of a limit, in the order of `networks_of`: for an IPv4 address or IPv6 /64, for a /56, and for a /48."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of `failures` failed calls within the duration `within`, which begins with the first failure.

    `message` is the message of the refusal.
    """

    message: RateLimitMessage
    failures: int
    within: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The rate limits. Each limit has its own counter.

    - `sign_ins`: failed sign-ins from unknown sources, by network. Failures from a known source count for the account
      only (T7), so that an office with many users does not reach the limit.
    - `resets`: requests for a password reset, by network.
    - `links`: calls with a link's token, by network.
    - `changes`: calls that change the account and require its password, by account.
    - `services`: calls of services with wrong credentials, by network. Calls with right ones are never refused.
    """

    sign_ins: Limit = Limit(RateLimitMessage.SIGN_INS, 100)
    resets: Limit = Limit(RateLimitMessage.RESETS, 100)
    links: Limit = Limit(RateLimitMessage.LINKS, 300)
    changes: Limit = Limit(RateLimitMessage.CHANGES, 100)
    services: Limit = Limit(RateLimitMessage.SERVICES, 100)
