"""Hide most of an e-mail address, so that its owner recognizes it and other readers do not learn it."""

from __future__ import annotations

HIDDEN = "\N{BULLET}" * 3
"""The text in place of the hidden characters. Its length does not tell how many characters are hidden."""


def masked(address: str) -> str:
    """Return the address with the first character of its local part only: `ada@acme.test` becomes `a•••@acme.test`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{HIDDEN}@{domain}"
