"""How long a password must be; there are no rules of composition (NIST SP 800-63B)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from rules.refusals import Code, Refusal

SHORTEST = 15
SHORTEST_WITH_SECOND_FACTOR = 8
LONGEST = 128


@dataclass(frozen=True, slots=True)
class Chooser:
    """Who chooses a password: `words` are those that make one easy to guess, of the person and the portal."""

    words: tuple[str, ...]
    has_second_factor: bool

    @property
    def shortest(self) -> int:
        """The least number of characters."""
        return SHORTEST_WITH_SECOND_FACTOR if self.has_second_factor else SHORTEST


def check_length(password: str, chooser: Chooser, path: tuple[str, ...] = ("password",)) -> None:
    """Refusal WEAK_PASSWORD for a password that is too short or too long; characters are counted as they are typed."""
    length = len(unicodedata.normalize("NFKC", password)) if len(password) <= 4 * LONGEST else len(password)
    if length < chooser.shortest:
        raise Refusal(
            Code.WEAK_PASSWORD, f"A password has at least {chooser.shortest} characters. Take a longer one.", path=path
        )
    if length > LONGEST:
        raise Refusal(
            Code.WEAK_PASSWORD, f"A password has at most {LONGEST} characters. Take a shorter one.", path=path
        )


def is_short(password: str) -> bool:
    """Whether the password is good with a second factor only."""
    return len(unicodedata.normalize("NFKC", password)) < SHORTEST


def is_the_same(one: str, other: str) -> bool:
    """Whether two passwords are one, however they were typed."""
    if max(len(one), len(other)) > 4 * LONGEST:
        return one == other
    return unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other)
