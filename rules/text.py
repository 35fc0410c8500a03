"""How text is compared: what sorts together, what is found, what is the same login."""

from __future__ import annotations

import unicodedata

ABSENT = "\U0010ffff"
"""Sorts behind every text; no text that people write holds it."""


def sort_key(text: str) -> str:
    """Folded so that case and accents do not matter: É, é and e sort and are found alike (T13, T14)."""
    if text.isascii():
        return text.lower()
    bare = (
        c for c in unicodedata.normalize("NFKD", text) if not unicodedata.category(c).startswith("M") and c != ABSENT
    )
    return unicodedata.normalize("NFKD", "".join(bare).casefold())


def login_key(text: str) -> str:
    """Folded by case only: two e-mail addresses that differ by an accent are two addresses."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip()).casefold())


def needle(search: str | None) -> str:
    """What a find-as-you-type box searches for: folded, with runs of white space as one blank; '' finds everybody."""
    return " ".join(sort_key(search or "").split())


def haystack(first_name: str | None, last_name: str | None, username: str, email: str | None) -> str:
    """Everything that a search looks into, one field a line, so that no hit spans two fields (T14)."""
    full_name = " ".join(filter(None, (first_name, last_name)))
    return "\n".join(" ".join(sort_key(part).split()) for part in (full_name, username, email or ""))


def display_name(first_name: str | None, last_name: str | None, email: str | None, username: str) -> str:
    """The full name, else the e-mail, else the username."""
    return " ".join(filter(None, (first_name, last_name))) or email or username
