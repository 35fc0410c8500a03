"""Limits that the settings check, and that other rooms use."""

from __future__ import annotations

from datetime import timedelta

LONGEST_ACCESS_TOKEN = timedelta(minutes=15)
"""The longest lifetime of an access token."""

MOST_CONNECTIONS = 512
"""The most connections of a process open at once, unless the settings say otherwise."""

SHORTEST_SECRET_BYTES = 32
"""The fewest bytes of a secret key or a metrics token."""
