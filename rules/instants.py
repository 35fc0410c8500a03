"""Instants as text."""

from __future__ import annotations

from datetime import UTC, datetime


def rfc_3339(instant: datetime) -> str:
    """Return the instant as the schema's DateTime writes it: RFC 3339, in UTC with milliseconds and Z."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
