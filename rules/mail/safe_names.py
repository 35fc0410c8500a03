"""Names as mails show them: text that users or customers typed never becomes a link or a second line."""

from __future__ import annotations

import re

MOST_SHOWN = 60
"""Characters of a person's name in a mail; a longer one is cut."""

MOST_OF_A_PORTAL = 120
"""Characters of a portal's or provider's name in a mail."""

_SCHEME = re.compile(r"\s*:\s*/+\s*")
_WWW = re.compile(r"(?i)\bwww[.\u3002\uff0e\uff61]")
_DOT = re.compile(r"(?<=\w)[.\u3002\uff0e\uff61](?=\w{2}|\d)")
"""A dot, or what browsers read as one, that could stand before the last part of a domain or of an IP address."""


def shown(name: str, most: int = MOST_SHOWN) -> str:
    """Return the name in one line of at most `most` characters, without anything that a mail program turns into a link.

    `https://evil.test/x` becomes `https evil. test/x`, `www.evil.test` `www evil. test`; `J.R. Smith` stays as it is.
    """
    text = _DOT.sub(". ", _WWW.sub("www ", _SCHEME.sub(" ", one_line(name))))
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def one_line(text: str) -> str:
    """Return the text on one line, without control characters and other unprintable ones."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
