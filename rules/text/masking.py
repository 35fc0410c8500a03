"""Hide most of an e-mail address. The owner can recognize the masked address, but no other reader learns the address."""

from __future__ import annotations

HIDDEN = "\N{BULLET}" * 3
"""The text in place of the hidden characters. The same text stands for any number of hidden characters."""


def mask(address: str) -> str:
    """Return the address with the first character of its local part only: `ada@acme.test` becomes `a•••@acme.test`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{HIDDEN}@{domain}"
