"""Passwords: argon2id in a small pool of threads, at the same cost whether or not the account exists (STACK, 22)."""

from __future__ import annotations

import asyncio
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from zxcvbn import zxcvbn

from rules.passwords import is_short
from rules.refusals import Code, Refusal

LONGEST_PASSWORD_BYTES = 1024
"""In UTF-8 as typed: 128 characters of any script fit; more is never hashed and never right."""

ARGON2ID = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""19 MiB, two passes, one lane: OWASP's choice, 18 ms."""

LOWEST_SCORE = 3
"""zxcvbn's: less than this falls to a hundred million guesses, lists of common passwords first."""

LOWEST_SCORE_BESIDE_A_SECOND_FACTOR = 2
"""Of short passwords: a million guesses. By zxcvbn's count no eight characters, however random, stand a hundred million."""

Answer = TypeVar("Answer")


@cache
def _dummy(hasher: PasswordHasher) -> str:
    """Return a hash that stands in where there is none to compare with: of 32 random bytes, once in a process."""
    return hasher.hash(secrets.token_bytes(32))


def hash_now(password: str, hasher: PasswordHasher = ARGON2ID) -> str:
    """The password's hash, computed in this thread: for the command line. Refusal INVALID_INPUT when it is none."""
    given = _canonical(password)
    if given is None:
        raise Refusal(Code.INVALID_INPUT, f"A password must be text of at most {LONGEST_PASSWORD_BYTES:,} bytes.")
    return hasher.hash(given)


class PasswordPool:
    """Hashes and verifies passwords beside the event loop; `waiting` bounds how many may queue for a thread."""

    def __init__(self, *, threads: int = 2, waiting: int = 64, hasher: PasswordHasher = ARGON2ID) -> None:
        self._hasher = hasher
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._places = threading.BoundedSemaphore(threads + waiting)
        self._dummy = _dummy(hasher)

    async def hash(self, password: str) -> str:
        """The password's hash; Refusal RATE_LIMITED when the queue is full, INVALID_INPUT when it is no password."""
        return await self._run(partial(hash_now, password, self._hasher))

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether the password is the hashed one, at the same cost for None: no such account, or no password set.

        Refusal RATE_LIMITED when the queue is full. A stored hash that is none is a bug, and raises.
        """
        return await self._run(partial(self._verify, password, hashed))

    async def is_guessable(self, password: str, words: Sequence[str]) -> bool:
        """Whether somebody who knows these words, and what passwords are common, finds it in a hundred million guesses; in a
        million where it is short, which is for those with a second factor.

            Refusal RATE_LIMITED when the queue is full.
        """
        return await self._run(partial(is_guessable_now, password, words))

    def needs_rehash(self, hashed: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(hashed)

    def close(self) -> None:
        """Finish what is queued, a second or so at most, and take nothing more; it blocks for as long."""
        self._threads.shutdown(wait=True)

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        if not self._places.acquire(blocking=False):
            raise Refusal(Code.RATE_LIMITED, "Too many sign-ins at the moment. Try again in a few seconds.")
        try:
            future = self._threads.submit(work)
        except BaseException:
            self._places.release()
            raise
        # The work gives its place back, not the caller: a cancelled caller leaves a thread that is still busy.
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)

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


def is_guessable_now(password: str, words: Sequence[str]) -> bool:
    """The same, found out in this thread: for the command line."""
    given = unicodedata.normalize("NFKC", password)
    parts = [part for word in words for part in (word, *re.split(r"[\W_]+", word)) if len(part) > 2]
    strength = zxcvbn(given, user_inputs=parts, max_length=max(len(given), 1))
    return bool(strength["score"] < (LOWEST_SCORE_BESIDE_A_SECOND_FACTOR if is_short(given) else LOWEST_SCORE))


def _canonical(password: str) -> bytes | None:
    """The bytes to hash: the same from every keyboard (NIST SP 800-63B: NFKC); None when it cannot be a password."""
    try:
        # Before it is normalised: with many combining marks that takes time by the square of the length.
        if len(password.encode()) > LONGEST_PASSWORD_BYTES:
            return None
        return unicodedata.normalize("NFKC", password).encode()
    except UnicodeEncodeError:  # half of a surrogate pair: JSON can spell it, no keyboard can
        return None
