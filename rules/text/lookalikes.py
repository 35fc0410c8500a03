"""Usernames that look alike, by Unicode's table of confusable characters (UTS 39)."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from disarm import normalize_confusables

from rules.text.email_domains import lowered
from rules.text.folding import LONGEST_LOGIN
from rules.text.latin_letters import PLAIN

_MOST_ROUNDS = 4
"""One character's look-alike may itself have one, or a capital; more rounds than these change nothing."""

_MOST_REMEMBERED = 32_768
"""Characters whose look-alike is kept, 0.3 kB each: a call of the library takes some microseconds."""

_DISTINCT = frozenset(map(chr, PLAIN)) - {"\N{LATIN SMALL LETTER DOTLESS I}"}
"""Letters of Latin alphabets that readers tell from the plain letter: søren is not soren."""


def skeleton(key: str) -> str:
    """Return the login key with every character replaced by the Latin one that it looks like; ASCII stays as it is.

    Two usernames look alike when this is equal and their keys are not. What lies beyond LONGEST_LOGIN is not compared.
    """
    for _ in range(_MOST_ROUNDS):
        if key.isascii():
            return key
        # NFKC makes 18 characters of U+FDFA: a username of 200 would become 3,600.
        plain = unicodedata.normalize("NFKC", key)[:LONGEST_LOGIN]
        seen = plain.translate({ord(c): _seen_as(c) for c in set(plain)})
        now = lowered(unicodedata.normalize("NFKC", seen))[:LONGEST_LOGIN]
        if now == key:
            return key
        key = now
    return key


@lru_cache(maxsize=_MOST_REMEMBERED)
def _seen_as(character: str) -> str:
    if character.isascii() or character in _DISTINCT:
        return character
    return normalize_confusables(character)
