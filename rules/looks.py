"""Usernames that look alike, by Unicode's table of confusable characters (UTS 39)."""

from __future__ import annotations

import unicodedata

from disarm import normalize_confusables

from rules.email_addresses import lowered
from rules.letters import PLAIN

_MOST_ROUNDS = 4
"""One character's look-alike may itself have one, or a capital; more rounds than these change nothing."""

_DISTINCT = frozenset(map(chr, PLAIN)) - {"\N{LATIN SMALL LETTER DOTLESS I}"}
"""Letters of Latin alphabets that readers tell from the plain letter: søren is not soren."""


def look(key: str) -> str:
    """Return the login key with every character replaced by the Latin one that it looks like; ASCII stays as it is.

    Two usernames look alike when this is equal and their keys are not.
    """
    for _ in range(_MOST_ROUNDS):
        if key.isascii():
            return key
        plain = unicodedata.normalize("NFKC", key)
        seen = "".join(c if c in _DISTINCT or c.isascii() else normalize_confusables(c) for c in plain)
        now = lowered(unicodedata.normalize("NFKC", seen))
        if now == key:
            return key
        key = now
    return key
