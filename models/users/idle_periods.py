"""Idle users: the sign of life that begins an idle period, and the warning within it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.sql import sql, write
from rules.lifecycle.statuses import Category


async def note_warning(ids: list[UUID], at: datetime) -> None:
    """Note that these (locked) users were warned that they are idle."""
    await write(sql("UPDATE portal_user SET idle_warned_at = ? WHERE ", at) + is_any_of("id", ids))


async def note_sign_of_life(id: UUID, at: datetime) -> None:
    """Begin another idle period for an enabled user, without a warning."""
    await write(
        sql(
            "UPDATE portal_user SET idle_since = ?, idle_warned_at = NULL WHERE id = ? AND category = ?"
            " AND (idle_since IS NULL OR idle_since < ?)",
            at,
            id,
            Category.ENABLED,
            at,
        )
    )
