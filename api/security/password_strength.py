"""Estimates how many guesses find a password. The estimates run in a separate thread, in bounded time."""

from __future__ import annotations

import math
import re
import string
import unicodedata
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from functools import partial

from zxcvbn_rs_py import zxcvbn

from api.security.bounded_pool import ALL, BoundedPool, Claim
from rules.auth.passwords import is_short
from rules.messages.rate_limits import RateLimitMessage
from rules.refusals import WeakPasswordReason

LOWEST_SCORE = 3
"""The minimum zxcvbn score of a password that is not short. Score 3 means that more than 10^8 guesses are needed."""

LOWEST_SCORE_BESIDE_A_SECOND_FACTOR = 2
"""The minimum zxcvbn score of a short password. Short passwords are allowed only together with a second factor.

Score 2 means that more than 10^6 guesses are needed. No password of eight characters reaches LOWEST_SCORE.
"""

JUDGED_CHARACTERS = 100
"""The number of leading characters of a password that zxcvbn-rs reads. `_judged` cuts longer passwords."""

MOST_SUBSTITUTED = 60_000
"""The maximum of `_readings(password) * len(password)**2`, which limits the work of zxcvbn for substitutes.

A reading is one way to replace the substitutes in a password by letters: `p1n` can be read as `pin` and `pln`. At the
maximum, zxcvbn takes 8 ms of CPU time for all readings. `_judged` cuts passwords that exceed the maximum.
"""

MOST_WORDS = 100
"""The maximum number of words about the user that an estimate uses. Names, addresses and their parts are 10 to 20 words."""

LEAST_BESIDES_OWN_WORDS = 3
"""The minimum number of characters of a password that are not part of words about the user. `_without` counts them.

Without this minimum, three names in a row would pass, because zxcvbn rates them as a strong password.
"""

LETTERS_WRITTEN_AS = ("4@", "8", "({[<", "3", "69", "1!|", "1|7", "0", "$5", "+7", "%", "2")
"""The characters that zxcvbn reads as letters: `4` and `@` as a, `8` as b.

The other items are for c, e, g, i, l, o, s, t, x and z.
"""

WAITING = 16
"""The maximum number of running and queued estimates."""


class PasswordStrength:
    """Estimates the strength of passwords in one thread, one password at a time, each in at most 50 ms of CPU time.

    The number of running and queued estimates is at most WAITING. `estimate` is the function that the thread calls for
    each password, by default the function `weakness` of this module.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        estimate: Callable[[str, Sequence[str]], WeakPasswordReason | None] | None = None,
    ) -> None:
        self._estimate = estimate or weakness
        self._pool = BoundedPool("password-strength", threads=1, now=now, busy=RateLimitMessage.STRENGTH_BUSY)

    async def weakness(self, password: str, words: Sequence[str], account_id: Hashable) -> WeakPasswordReason | None:
        """Run `estimate`, by default the function `weakness`, in the pool's thread, and return its result.

        Raise Refusal(RATE_LIMITED) with `retry_at` if the number of running and queued estimates has reached WAITING,
        or if an estimate for `account_id` is running or queued.
        """
        claims = (Claim(ALL, WAITING), Claim(("account", account_id), 1))
        return await self._pool.run(partial(self._estimate, password, words), claims)

    def close(self) -> None:
        """Accept no more calls, and block until the queued and running estimates are done."""
        self._pool.close()


def weakness(password: str, words: Sequence[str]) -> WeakPasswordReason | None:
    """Return the reason why the password is too weak, or None if the password is strong enough.

    `words` are words about the user that others know: names, addresses, the portal. The zxcvbn score must be at least
    LOWEST_SCORE, or LOWEST_SCORE_BESIDE_A_SECOND_FACTOR for a short password (`rules.auth.passwords.is_short`). The
    reason is CONTAINS_PERSONAL_DATA in two cases, otherwise COMMON:

    - Fewer than LEAST_BESIDES_OWN_WORDS characters remain if `words` are removed from the password.
    - The score is too low for a person who knows `words`, but not for other persons.
    """
    given = _text(password)
    known = [_text(word).lower() for word in words]
    parts = [part for word in known for part in (word, *re.split(r"[\W_]+", word)) if len(part) > 2]
    own = list(dict.fromkeys(parts))[:MOST_WORDS]
    if own and _without(own, given) < LEAST_BESIDES_OWN_WORDS:
        return WeakPasswordReason.CONTAINS_PERSONAL_DATA
    if not _is_found(given, own):
        return None
    if own and not _is_found(given, []):
        return WeakPasswordReason.CONTAINS_PERSONAL_DATA
    return WeakPasswordReason.COMMON


def _is_found(password: str, words: list[str]) -> bool:
    strength = zxcvbn(_judged(password), words)
    return int(strength.score) < (LOWEST_SCORE_BESIDE_A_SECOND_FACTOR if is_short(password) else LOWEST_SCORE)


def _without(words: Sequence[str], password: str) -> int:
    """Return how many characters of `password` remain without `words`, white space and ASCII punctuation."""
    longest_first = sorted(words, key=len, reverse=True)
    left = re.sub("|".join(map(re.escape, longest_first)), "", password.lower())
    return sum(not character.isspace() and character not in string.punctuation for character in left)


def _text(given: str) -> str:
    return unicodedata.normalize("NFKC", given.encode(errors="replace").decode())


def _judged(password: str) -> str:
    """Return the part of the password that is estimated: its beginning, cut to limit the time.

    The limits are JUDGED_CHARACTERS and MOST_SUBSTITUTED.
    """
    length = len(password)
    if length > JUDGED_CHARACTERS:
        # Keep whole repetitions only. zxcvbn would rate an incomplete repetition as new text.
        period = _period(password)
        length = JUDGED_CHARACTERS // period * period or JUDGED_CHARACTERS
    while length > 1 and _readings(password[:length]) * length**2 > MOST_SUBSTITUTED:
        length -= 1
    return password[:length]


def _readings(password: str) -> int:
    """Return the greatest possible number of readings of the password.

    A reading has letters in place of their substitutes, such as `pass` for `p4ss`.
    """
    used = set(password)
    return math.prod(max(len(used.intersection(characters)), 1) for characters in LETTERS_WRITTEN_AS)


def _period(text: str) -> int:
    """Return the length of the shortest part whose repetition gives `text`, such as 2 for ababa.

    The last repetition can be incomplete. The function uses the failure table of Knuth, Morris and Pratt.
    """
    border = [0] * len(text)
    for i in range(1, len(text)):
        k = border[i - 1]
        while k and text[i] != text[k]:
            k = border[k - 1]
        border[i] = k + (text[i] == text[k])
    return len(text) - border[-1]
