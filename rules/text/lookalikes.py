"""Detect usernames that look alike, by Unicode's table of confusable characters (UTS 39)."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from disarm import normalize_confusables

from rules.text.email_normalization import lower_nfc
from rules.text.folding import LONGEST_LOGIN
from rules.text.latin_letters import PLAIN

_MOST_ROUNDS = 4
"""The maximum number of rounds in which characters are replaced. The rounds end when no character changes.

A second round is needed because some replacements have a replacement too.
"""

_MOST_REMEMBERED = 32_768
"""The maximum number of characters whose replacement is cached. A cached character takes 0.3 kB."""

_DISTINCT = frozenset(map(chr, PLAIN)) - {"\N{LATIN SMALL LETTER DOTLESS I}"}
"""Latin letters that are not replaced, because readers see the difference to the ASCII letter: søren is not soren."""


def skeleton(key: str) -> str:
    """Return a login key with each character replaced by the Latin letter that it looks like.

    For example, a Cyrillic letter that looks like `a` becomes `a`. Two usernames look alike if their skeletons are
    equal. An ASCII key is its own skeleton. Other skeletons are cut to LONGEST_LOGIN characters.
    """
    for _ in range(_MOST_ROUNDS):
        if key.isascii():
            return key
        # NFKC turns U+FDFA into 18 characters, so a username of 200 characters would become 3,600 characters.
        plain = unicodedata.normalize("NFKC", key)[:LONGEST_LOGIN]
        seen = plain.translate({ord(c): _seen_as(c) for c in set(plain)})
        now = lower_nfc(unicodedata.normalize("NFKC", seen))[:LONGEST_LOGIN]
        if now == key:
            return key
        key = now
    return key


@lru_cache(maxsize=_MOST_REMEMBERED)
def _seen_as(character: str) -> str:
    if character.isascii() or character in _DISTINCT:
        return character
    return normalize_confusables(character)
