"""Normalize the codes that people type: authenticator codes, mailed codes and recovery codes."""

from __future__ import annotations

import unicodedata

_LONGEST = 200
"""The number of characters after which the rest of a typed code is ignored. Every valid code is shorter."""


def parse(typed: str) -> str:
    """Return the letters and digits of `typed`, in lower case. Digits of other scripts become 0 to 9."""
    plain = unicodedata.normalize("NFKC", typed[:_LONGEST]).lower()
    return "".join(str(unicodedata.decimal(c, c)) for c in plain if c.isalnum())
