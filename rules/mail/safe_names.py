"""Make names safe for mails: on one line, and without any part that a mail program would show as a link."""

from __future__ import annotations

import re

MOST_SHOWN = 60
"""The maximum number of characters of a person's name in a mail. A longer name is cut."""

MOST_OF_A_PORTAL = 120
"""The maximum number of characters of a portal's or an MSSP's name in a mail. A longer name is cut."""

_SCHEME = re.compile(r"\s*:\s*/+\s*")
_WWW = re.compile(r"(?i)\bwww[.\u3002\uff0e\uff61]")
_DOT = re.compile(r"(?<=\w)[.\u3002\uff0e\uff61](?=\w{2}|\d)")
"""A dot, or a character that browsers treat as a dot, between the parts of a domain or an IP address."""


def safe_name(name: str, most: int = MOST_SHOWN) -> str:
    """Return the name on one line of at most `most` characters, without links.

    - `https://evil.test/x` becomes `https evil. test/x`.
    - `www.evil.test` becomes `www evil. test`.
    - `J.R. Smith` does not change.
    """
    text = _DOT.sub(". ", _WWW.sub("www ", _SCHEME.sub(" ", one_line(name))))
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def one_line(text: str) -> str:
    """Return the text on one line. Each run of spaces and unprintable characters becomes one space."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
