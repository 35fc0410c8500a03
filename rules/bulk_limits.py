"""The limits of one bulk operation: numbers of users, lengths of texts, and lifetimes of previews and keys."""

from __future__ import annotations

from datetime import timedelta

MOST_USERS = 1000
"""The maximum number of users in one call. The limit exists because a call is one transaction."""

MOST_EXCLUDED = 10_000
"""The maximum number of users that a call leaves out of a selection."""

LONGEST_REASON = 500
"""The maximum number of characters of the reason of a call."""

LONGEST_IDEMPOTENCY_KEY = 255
"""The maximum number of characters of an idempotency key."""

IDEMPOTENCY_KEY_LIVES = timedelta(hours=24)
"""How long a repeated call with the same key returns the stored result."""

PREVIEW_LIVES = timedelta(minutes=15)
"""How long a preview can be run."""
