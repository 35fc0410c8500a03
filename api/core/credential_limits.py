"""Limits of keys and tokens, which the settings check and the code that uses them checks again."""

from __future__ import annotations

from datetime import timedelta

LONGEST_ACCESS_TOKEN = timedelta(minutes=15)
"""The longest lifetime of an access token."""

SHORTEST_SECRET_BYTES = 32
"""The fewest bytes of a secret key or a metrics token."""
