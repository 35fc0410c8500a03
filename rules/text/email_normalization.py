"""Normalize e-mail addresses: the ASCII form of a domain, and the key by which addresses are compared."""

from __future__ import annotations

import re
import unicodedata

import idna

LONGEST = 254
"""The maximum number of characters of an address with its domain in ASCII (RFC 5321, without the angle brackets)."""

_LONGEST_DOMAIN = 253
_LONGEST_LABEL = 63
_READ_AS_ASCII = re.compile("([\u212a\u037e\u1fef])")
"""The non-ASCII characters that normalization NFC converts to ASCII: Kelvin sign, Greek question mark, Greek varia."""


def ascii_domain(domain: str) -> str:
    """Return the lower-case ASCII form of the domain (IDNA2008): `faß.de` becomes `xn--fa-hia.de`.

    Raise ValueError if the domain is too long, has an empty part or has no ASCII form.
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


def address_key(address: str) -> str:
    """Return the key by which addresses are compared: `Ann@Faß.de` becomes `ann@xn--fa-hia.de`.

    If the text has no domain, or a domain without an ASCII form, the key is the whole text in lower case.
    """
    local, at, domain = address.rpartition("@")
    try:
        return f"{lower_nfc(local)}@{ascii_domain(domain)}" if at else lower_nfc(address)
    except ValueError:
        return f"{lower_nfc(local)}@{lower_nfc(domain)}"


def lower_nfc(text: str) -> str:
    """Return the text in Unicode's form NFC, with each character in lower case.

    Other differences are kept. For example, `groß` does not become `gross`, and a Turkish I with or without a dot does
    not become `i`.
    """
    if text.isascii():
        return text.lower()
    return "".join(part if i % 2 else _lowered(part) for i, part in enumerate(_READ_AS_ASCII.split(text)))


def reads_as_ascii(text: str) -> bool:
    """Return whether Unicode's form NFC turns a character outside ASCII into an ASCII character."""
    return _READ_AS_ASCII.search(text) is not None


def _lowered(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", composed.translate({ord(c): c.lower() for c in set(composed)}))
