"""How often something may fail from one network, counted in memory; the account's own lockout is a row."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.refusals import Code, Refusal
from rules.sources import network_of
from services.desk import SIGN_INS


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many failures within any stretch of time of this length."""

    failures: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class SignInRates:
    """The limit on signing in from one network, and how many networks are remembered."""

    per_address: Limit = Limit(failures=100, within=timedelta(minutes=5))
    most_keys: int = 10_000


DEFAULT_RATES = SignInRates()


class SignInLimits:
    """Counts attempts before their password is checked, so that a hundred at once are no way round.

    For one event loop: nothing here awaits, so nothing comes between a check and its count.
    """

    def __init__(self, rates: SignInRates = DEFAULT_RATES) -> None:
        self._networks = _Attempts(rates.per_address, rates.most_keys)
        # Where somebody calls from is personal: only digests are kept.
        self._digest_key = secrets.token_bytes(32)

    @property
    def remembered(self) -> int:
        """How many networks are remembered at the moment."""
        return len(self._networks)

    def reserve(self, address: str, now: datetime, what: str = SIGN_INS) -> None:
        """Count an attempt as failed until `succeeded`; Refusal RATE_LIMITED, with `retry_at`, after too many.

        `what` is tried has a count of its own, and is named in the refusal.
        """
        network = self._digest(f"{what} {network_of(address)}")
        free_at = self._networks.free_at(network, now)
        if free_at > now:
            raise Refusal(
                Code.RATE_LIMITED,
                f"Too many {what} from your network. Try again in {_words(free_at - now)}.",
                retry_at=free_at,
            )

        self._networks.add(network, now)

    def succeeded(self, address: str, what: str = SIGN_INS) -> None:
        """Give one reserved attempt back: it did not fail."""
        self._networks.take_back(self._digest(f"{what} {network_of(address)}"))

    def _digest(self, text: str) -> bytes:
        octets = text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(octets, digest_size=16, key=self._digest_key).digest()


class _Attempts:
    """The counted attempts of each key, least recently tried first."""

    def __init__(self, limit: Limit, most_keys: int) -> None:
        self._limit = limit
        self._most_keys = most_keys
        self._times: OrderedDict[bytes, deque[datetime]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._times)

    def free_at(self, key: bytes, now: datetime) -> datetime:
        """When the next attempt may be made: `now`, or later."""
        times = self._times.get(key)
        if times is None:
            return now
        # Whoever keeps on trying is remembered before others.
        self._times.move_to_end(key)
        while times and times[0] + self._limit.within <= now:
            times.popleft()
        return now if len(times) < self._limit.failures else times[0] + self._limit.within

    def add(self, key: bytes, now: datetime) -> None:
        self._forget_what_is_over(now)
        self._times.setdefault(key, deque()).append(now)
        if len(self._times) > self._most_keys:
            self._times.popitem(last=False)

    def take_back(self, key: bytes) -> None:
        times = self._times.get(key)
        if times:
            times.pop()
        if times is not None and not times:
            del self._times[key]

    def _forget_what_is_over(self, now: datetime) -> None:
        while self._times:
            key, times = next(iter(self._times.items()))
            if times and times[-1] + self._limit.within > now:
                return
            del self._times[key]


def _words(wait: timedelta) -> str:
    seconds = math.ceil(wait.total_seconds())
    number, unit = (seconds, "second") if seconds < 60 else (math.ceil(seconds / 60), "minute")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
