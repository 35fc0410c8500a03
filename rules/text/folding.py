"""Fold texts into the keys by which they are sorted, searched and compared, and build display names."""

from __future__ import annotations

import re
import unicodedata

from rules.text import characters, email_normalization
from rules.text.latin_letters import PLAIN, PUNCTUATION

ABSENT = "\U0010ffff"
"""The key of a missing text. It sorts after all other keys, because no other key contains this character."""

LONGEST_LOGIN = 320
"""The maximum number of characters of a typed login or slug. Every valid address, username and slug is shorter.

The limit exists because the time to fold a text grows with the square of the text's length.
"""

_DROPPED = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u2de0-\u2dff\ua66f\ua674-\ua67d\ua69e-\ua69f"
    "\ufe20-\ufe2f\U0010ffff]"
)
"""The characters that a sort key leaves out: ABSENT, and the combining marks of Latin, Greek and Cyrillic.

Combining marks of other scripts are kept, because they distinguish letters.
"""


def sort_key(text: str) -> str:
    """Return the key by which texts are sorted and searched (T13, T14): `Łódź` becomes `lodz`.

    The key has no upper case, accents or strokes. Typographic apostrophes and hyphens become those of ASCII. Invisible
    characters are removed. Vowel signs of scripts such as Devanagari are kept.
    """
    if text.isascii():
        return text.lower()
    plain = _without_marks(characters.without_ignorable(text).translate(PUNCTUATION))
    return _without_marks(plain.casefold()).translate(PLAIN).translate(PUNCTUATION)


def _without_marks(text: str) -> str:
    return _DROPPED.sub("", unicodedata.normalize("NFKD", text))


def login_key(text: str) -> str:
    """Return the key by which usernames and e-mail addresses are compared.

    Case, invisible characters, and white space at the ends make no difference.
    """
    return email_normalization.address_key(characters.without_ignorable(characters.strip_invisible(text)))


def domain_key(text: str) -> str | None:
    """Return the key of an e-mail domain: `@Faß.de` and `Faß.de` become `xn--fa-hia.de`.

    Login keys of addresses in the domain end with this key. Return None if the text has an @ after its beginning, or is
    longer than LONGEST_LOGIN.
    """
    domain = characters.strip_invisible(text).removeprefix("@") if len(text) <= LONGEST_LOGIN else "@"
    return None if "@" in domain else login_key(f"@{domain}").removeprefix("@")


def typed_key(text: str) -> str:
    """Return the login key of a username, e-mail address or slug that a person typed.

    A text longer than LONGEST_LOGIN has an empty key, which matches no account and no portal.
    """
    return login_key(text) if len(text) <= LONGEST_LOGIN else ""


def slug_key(text: str | None) -> str | None:
    """Return the key of a portal's slug that a person typed.

    Return None if the text is None or blank, or longer than LONGEST_LOGIN.
    """
    return typed_key(text) or None if text else None


def display_name(first_name: str | None, last_name: str | None, email: str | None, username: str) -> str:
    """Return the user's first and last name, or else the e-mail address, or else the username."""
    return " ".join(filter(None, (first_name, last_name))) or email or username
