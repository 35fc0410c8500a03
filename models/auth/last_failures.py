"""Read when the last sign-in of a user failed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.rows import RowMapper
from models.db.sql import fetch
from models.users.lookup import visible_to
from rules.access import Actor


class LastFailure(NamedTuple):
    """The time of a user's last failed attempt."""

    user_id: UUID
    at: datetime


_LAST_FAILURE = RowMapper(LastFailure, user_id="u.id", at="MAX(a.last_at)")


async def by_user(actor: Actor, user_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return the time of each user's last failed attempt, by user id. The function runs one statement.

    A success deletes the stored failures of its source. Users without stored failures are left out, and so are users
    that the actor cannot see.
    """
    rows = await fetch(
        f"SELECT {_LAST_FAILURE.columns} FROM sign_in_attempts a JOIN portal_user u ON u.id = a.account_id"
        " WHERE a.in_a_row > 0 AND "
        + visible_to(actor)
        + " AND "
        + is_any_of("a.account_id", user_ids)
        + " GROUP BY u.id"
    )
    return {failure.user_id: failure.at for failure in _LAST_FAILURE.read(rows)}
