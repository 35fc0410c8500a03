"""How text is compared: what sorts together, what is the same login, and what a person is called."""

from __future__ import annotations

import re
import unicodedata

from rules.text import characters, email_domains
from rules.text.latin_letters import PLAIN, PUNCTUATION

ABSENT = "\U0010ffff"
"""Sorts behind every text; no text that people write holds it."""

LONGEST_LOGIN = 320
"""Characters; no address, username or slug is longer, and folding takes time by the square of the length."""

_DROPPED = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u2de0-\u2dff\ua66f\ua674-\ua67d\ua69e-\ua69f"
    "\ufe20-\ufe2f\U0010ffff]"
)
"""The combining marks of Latin, Greek and Cyrillic, by Unicode's blocks; and ABSENT. Marks of other scripts are letters."""


def sort_key(text: str) -> str:
    """Return the text folded for sorting and finding: case, accents and strokes make no difference (T13, T14).

    É, é and e are alike, and so are ł and l, a typographic apostrophe or hyphen and a plain one. Invisible characters are
    dropped. Vowel signs of other scripts stay.
    """
    if text.isascii():
        return text.lower()
    plain = _without_marks(characters.without_ignorable(text).translate(PUNCTUATION))
    return _without_marks(plain.casefold()).translate(PLAIN).translate(PUNCTUATION)


def _without_marks(text: str) -> str:
    return _DROPPED.sub("", unicodedata.normalize("NFKD", text))


def login_key(text: str) -> str:
    """Return what a username or an e-mail address is compared by: case and invisible characters make no difference."""
    return email_domains.key(characters.without_ignorable(characters.stripped(text)))


def typed_key(text: str) -> str:
    """Return the login key of what was typed to sign in; empty, which is no login, where it is too long to be one."""
    return login_key(text) if len(text) <= LONGEST_LOGIN else ""


def display_name(first_name: str | None, last_name: str | None, email: str | None, username: str) -> str:
    """Return the full name, else the e-mail, else the username."""
    return " ".join(filter(None, (first_name, last_name))) or email or username
