"""The limits of one bulk operation: numbers of users, lengths of texts, lifetimes of previews and idempotency keys."""

from __future__ import annotations

from datetime import timedelta

MOST_USERS = 1000
"""The maximum number of users in one bulk operation. All of them are changed in one transaction."""

MOST_EXCLUDED = 10_000
"""The maximum number of ids in `MatchingUsers.excludeIds`."""

LONGEST_REASON = 500
"""The maximum number of characters of the reason that an admin gives for a bulk operation."""

LONGEST_TICKET = 100
"""The maximum number of characters of the ticket, such as `HELP-4711`, that an admin gives for a bulk operation."""

MOST_PORTALS_NAMED = 10
"""The maximum number of portals that a refusal of a call names."""

LONGEST_IDEMPOTENCY_KEY = 255
"""The maximum number of characters of an idempotency key."""

IDEMPOTENCY_KEY_LIVES = timedelta(hours=24)
"""How long another call with the same idempotency key returns the stored result. Later, the call runs again."""

PREVIEW_LIVES = timedelta(minutes=15)
"""How long a preview can be run, from the dry run on."""
