"""Hide most of an e-mail address, so that only its owner recognizes it."""

from __future__ import annotations

HIDDEN = "\N{BULLET}" * 3
"""The text in place of the hidden characters. The same text stands for any number of hidden characters."""


def mask(address: str) -> str:
    """Return the address with only the first character before the @: `ada@acme.test` becomes `a•••@acme.test`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{HIDDEN}@{domain}"
