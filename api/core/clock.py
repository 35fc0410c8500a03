"""The clock and the source of randomness. The layers below api/ receive the time and random values as arguments."""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RANDOM_BITS = 74
_VERSION_7 = 0x7 << 76
_RFC_VARIANT = 0b10 << 62


class Clock:
    """The system's clock."""

    def now(self) -> datetime:
        """Return the time in UTC, truncated to milliseconds.

        The API shows milliseconds, so a shown time equals the stored time.
        """
        return _EPOCH + timedelta(milliseconds=self.milliseconds())

    def milliseconds(self) -> int:
        """Return the number of milliseconds since 1970 in UTC."""
        return time.time_ns() // 1_000_000

    async def sleep(self, duration: timedelta) -> None:
        """Wait for `duration`. Return at once if the duration is zero or negative."""
        await asyncio.sleep(duration.total_seconds())


class RandomSource:
    """Makes ids, jitter and secrets from the operating system's randomness. A process has one RandomSource."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._millisecond = 0
        self._random = 0

    def new_id(self) -> UUID:
        """Return a UUIDv7 (RFC 9562) greater than all ids that this object made before, even if the clock is set back."""
        with self._lock:
            self._advance(self._clock.milliseconds())
            high, low = self._random >> 62, self._random & (1 << 62) - 1
            return UUID(int=self._millisecond << 80 | _VERSION_7 | high << 64 | _RFC_VARIANT | low)

    def jitter(self) -> float:
        """Return a random number from 0 up to, but not including, 1."""
        return secrets.randbits(53) / (1 << 53)

    def token_bytes(self, n: int) -> bytes:
        """Return `n` unpredictable bytes. Raise ValueError if `n` is less than 1."""
        if n < 1:
            raise ValueError("a secret has at least one byte")
        return secrets.token_bytes(n)

    def _advance(self, millisecond: int) -> None:
        if millisecond > self._millisecond:
            # The top bit starts at zero, so that later ids of this millisecond do not overflow.
            self._millisecond, self._random = millisecond, secrets.randbits(_RANDOM_BITS - 1)
            return
        # The step is random: the next id after a known id is one of 2^32.
        self._random += 1 + int.from_bytes(os.urandom(4))
        if self._random >> _RANDOM_BITS:
            self._millisecond, self._random = self._millisecond + 1, secrets.randbits(_RANDOM_BITS - 1)
