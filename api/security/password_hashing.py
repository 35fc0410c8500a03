"""Password hashing with argon2id in a small thread pool.

A check for a missing account takes the same time as a check for an existing account.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from api.security.bounded_pool import ALL, BoundedPool, Claim
from rules.auth.networks import networks_of
from rules.auth.passwords import LONGEST_TYPED
from rules.messages.operator import OperatorMessage
from rules.messages.rate_limits import RateLimitMessage
from rules.refusals import Refusal

ARGON2ID = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""The parameters of argon2id, as OWASP recommends: 19 MiB, two passes and one lane. A hash takes 18 ms."""

THREADS = 2
WAITING = 64
"""The maximum number of queued hashes. A full queue and the two running hashes take 0.6 s on two cores."""

RESERVED_FOR_KNOWN = 16
"""The number of queued and running hashes that only sign-ins from known sources can use.

A known source is a network from which the account has signed in before.
"""

MOST_PER_NETWORK = (16, 24, 32)
"""The maximum numbers of queued and running hashes from one network, for three sizes of networks:

- an IPv4 address or an IPv6 /64
- an IPv6 /56
- an IPv6 /48

For sign-ins from known sources, the maximum is twice as high.
"""


@cache
def _dummy(hasher: PasswordHasher) -> str:
    """Return a hash of random bytes, computed once in a process.

    If an account is unknown, the password is compared with this hash, so the answer takes as long as for a known
    account.
    """
    return hasher.hash(secrets.token_bytes(32))


def hash_now(password: str, hasher: PasswordHasher = ARGON2ID) -> str:
    """Return the hash of `password`, computed in the calling thread.

    Raise Refusal(INVALID_INPUT) if `password` has more than LONGEST_TYPED characters or no UTF-8 form. The API refuses
    such a password in a request before this function is called.
    """
    given = _canonical(password)
    if given is None:
        raise Refusal(OperatorMessage.NO_PASSWORD_TEXT, maximum=LONGEST_TYPED)
    return hasher.hash(given)


class PasswordPool:
    """Hashes and verifies passwords in threads. Limits per network keep one network from filling the queue."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        threads: int = THREADS,
        waiting: int = WAITING,
        reserved_for_known: int = RESERVED_FOR_KNOWN,
        hasher: PasswordHasher = ARGON2ID,
    ) -> None:
        self._hasher = hasher
        self._pool = BoundedPool("passwords", threads=threads, now=now, busy=RateLimitMessage.HASHER_BUSY)
        self._places = threads + waiting
        self._reserved_for_known = reserved_for_known
        self._dummy = _dummy(hasher)

    async def hash(self, password: str, address: str) -> str:
        """Return the hash of the password, computed in the pool. `address` is the client's address.

        Raise Refusal(RATE_LIMITED) with `retry_at` if the queue is full, or if the network of `address` has too many
        hashes in the queue. Raise Refusal(INVALID_INPUT) if the password has more than LONGEST_TYPED characters or no
        UTF-8 form.
        """
        return await self._pool.run(partial(hash_now, password, self._hasher), self._claims(address, is_known=False))

    async def verify(self, password: str, hashed: str | None, address: str, *, is_known: bool = False) -> bool:
        """Return whether `hashed` is a hash of the password.

        - `hashed` is None if there is no account or no password. The method then takes as long as for a hash, and
          returns False.
        - `address` is the client's address.
        - `is_known` states whether `address` belongs to a known source of the account.

        Raise Refusal(RATE_LIMITED) with `retry_at` if the queue is full, or if the network of `address` has too many
        hashes in the queue. Raise InvalidHashError if `hashed` is not a hash.
        """
        return await self._pool.run(partial(self._verify, password, hashed), self._claims(address, is_known=is_known))

    def needs_rehash(self, hashed: str) -> bool:
        """Return whether the parameters of argon2id in `hashed` differ from those of new hashes."""
        return self._hasher.check_needs_rehash(hashed)

    def close(self) -> None:
        """Accept no more calls, and block until the queued and running hashes are done.

        This takes about a second at most.
        """
        self._pool.close()

    def _claims(self, address: str, *, is_known: bool) -> list[Claim]:
        factor, all_places = (2, self._places) if is_known else (1, self._places - self._reserved_for_known)
        networks = zip(networks_of(address), MOST_PER_NETWORK, strict=False)
        return [Claim(ALL, all_places), *(Claim(network, factor * most) for network, most in networks)]

    def _verify(self, password: str, hashed: str | None) -> bool:
        given = _canonical(password)
        if hashed is None or given is None:
            self._matches(self._dummy, b"a wrong password")
            return False
        return self._matches(hashed, given)

    def _matches(self, hashed: str, given: bytes) -> bool:
        try:
            return self._hasher.verify(hashed, given)
        except VerifyMismatchError:
            return False


def _canonical(password: str) -> bytes | None:
    """Return the bytes to hash: the UTF-8 of the password, normalized to NFKC (NIST SP 800-63B).

    Return None if the password has more than LONGEST_TYPED characters or no UTF-8 form.
    """
    if len(password) > LONGEST_TYPED:
        return None
    try:
        return unicodedata.normalize("NFKC", password).encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can hold
        return None
