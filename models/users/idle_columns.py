"""Statements that write the start of a user's idle period (`idle_since`), and when the user was warned of its end
(`idle_warned_at`).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.sql import Sql, sql, write
from rules.lifecycle.statuses import Category


async def note_warning(user_ids: list[UUID], at: datetime) -> None:
    """Store that the users were warned at `at` that they will be suspended as idle. Requires the users to be locked."""
    await write(sql("UPDATE portal_user SET idle_warned_at = ? WHERE ", at) + is_any_of("id", user_ids))


async def start_idle_period(user_id: UUID, at: datetime) -> None:
    """Start a new idle period of the user at `at`, and delete the idle warning of the period before.

    Do nothing if the user is not ENABLED, or if the present idle period began at `at` or later.
    """
    await write(
        sql(
            "UPDATE portal_user SET idle_since = ?, idle_warned_at = NULL WHERE id = ? AND category = ?"
            " AND (idle_since IS NULL OR idle_since < ?)",
            at,
            user_id,
            Category.ENABLED,
            at,
        )
    )


async def forget_early_warnings(portal_id: UUID, warned_since: datetime | None) -> None:
    """Delete the idle warnings that are too early under the portal's new policy, so that users are warned again.

    A warning is too early if the user's idle period began after `warned_since`. None deletes all warnings. Requires the
    portal to be locked.
    """
    early = Sql("") if warned_since is None else sql(" AND idle_since > ?", warned_since)
    await write(
        sql(
            "UPDATE portal_user SET idle_warned_at = NULL WHERE portal_id = ? AND idle_warned_at IS NOT NULL", portal_id
        )
        + early
    )
