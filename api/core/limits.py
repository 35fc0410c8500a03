"""Limits that the settings and other packages of api/ use."""

from __future__ import annotations

from datetime import timedelta

LONGEST_ACCESS_TOKEN = timedelta(minutes=15)
"""The longest lifetime of an access token."""

MOST_CONNECTIONS = 512
"""The default of the most open connections of a process."""

SHORTEST_SECRET_BYTES = 32
"""The least length of a secret key and of a metrics token, in bytes."""
