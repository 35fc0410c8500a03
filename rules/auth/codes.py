"""Codes that people type: of an authenticator app, of a mail, and recovery codes."""

from __future__ import annotations

import unicodedata

_LONGEST = 200
"""Characters that are read. Every code is much shorter."""


def parse(typed: str) -> str:
    """Return the letters and digits of a code as typed, in lower case; digits of every script are read as 0 to 9."""
    plain = unicodedata.normalize("NFKC", typed[:_LONGEST]).lower()
    return "".join(str(unicodedata.decimal(c, c)) for c in plain if c.isalnum())
