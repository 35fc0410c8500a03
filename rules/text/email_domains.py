"""E-mail addresses and their domains: the one ASCII form of a domain, and what two spellings are compared by."""

from __future__ import annotations

import re
import unicodedata

import idna

LONGEST = 254
"""Characters of an address, its domain in ASCII: RFC 5321, less its angle brackets."""

_LONGEST_DOMAIN = 253
_LONGEST_LABEL = 63
_READ_AS_ASCII = re.compile("([\u212a\u037e\u1fef])")
"""The three characters beyond ASCII that normalisation turns into ASCII: Kelvin sign, Greek question mark, varia."""


def ascii_domain(domain: str) -> str:
    """Return the lower-case ASCII form of the domain by IDNA2008: `faß.de` is `xn--fa-hia.de`, never `fass.de`.

    Raises ValueError, without quoting the domain, where it has none.
    """
    labels = domain.split(".")
    if len(domain) > _LONGEST_DOMAIN or not all(0 < len(label) <= _LONGEST_LABEL for label in labels):
        raise ValueError("the domain of an e-mail address is too long, or a part of it is empty")
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(idna.uts46_remap(domain, std3_rules=False, transitional=False)).decode("ascii").lower()
    except UnicodeError:
        raise ValueError("the domain of an e-mail address has an ASCII form by IDNA2008") from None


def key(address: str) -> str:
    """Return what an address is compared by: its local part in lower case, its domain in lower-case ASCII.

    A text without a domain, or whose domain has no ASCII form, is compared in lower case.
    """
    local, at, domain = address.rpartition("@")
    try:
        return f"{lowered(local)}@{ascii_domain(domain)}" if at else lowered(address)
    except ValueError:
        return f"{lowered(local)}@{lowered(domain)}"


def lowered(text: str) -> str:
    """Return the text in NFC and lower case, one character after the other.

    Nothing is folded beyond that: `groß` is not `gross`. No character beyond ASCII becomes one of ASCII: the Kelvin
    sign is no `k`, and neither Turkish letter (dotted capital, dotless small) is an `i`.
    """
    if text.isascii():
        return text.lower()
    return "".join(part if i % 2 else _lowered(part) for i, part in enumerate(_READ_AS_ASCII.split(text)))


def reads_as_ascii(text: str) -> bool:
    """Return whether the text holds a character beyond ASCII that normalisation turns into one of ASCII."""
    return _READ_AS_ASCII.search(text) is not None


def _lowered(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", composed.translate({ord(c): c.lower() for c in set(composed)}))
