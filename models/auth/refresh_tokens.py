"""Refresh tokens: which generation of a session's token is good. A session's row holds all that is kept of them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.auth.sessions import AccountSession
from models.db.dialect import locked
from models.db.rows import RowMapper
from models.db.sql import fetch, sql, write
from rules.accounts import AccountKey


class FamilyRow(NamedTuple):
    """A session as the refresh of its token sees it.

    `generation` numbers the token that is good, from 0. `parent` is the generation that it replaced, None for the first.
    `idle_since` is the portal user's, None for staff.
    """

    id: UUID
    staff_id: UUID | None
    user_id: UUID | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    nonce: str | None
    generation: int
    parent: int | None
    idle_since: datetime | None

    @property
    def owner(self) -> AccountKey:
        return AccountKey.of(user_id=self.user_id, staff_id=self.staff_id)


FAMILY = RowMapper(
    FamilyRow,
    AccountSession,
    "a",
    nonce="a.refresh_nonce",
    generation="a.refresh_generation",
    parent="a.refresh_parent",
    idle_since="u.idle_since",
)


async def lock_family(session_id: UUID) -> FamilyRow | None:
    """Return the session, locked: of several refreshes at once one goes first."""
    query = f"SELECT {FAMILY.columns} FROM account_session a LEFT JOIN portal_user u ON u.id = a.user_id WHERE " + sql(
        "a.id = ?", session_id
    )
    found = FAMILY.read(await fetch(locked(query, "a")))
    return found[0] if found else None


async def rotate(family: FamilyRow, parent: int, at: datetime, until: datetime) -> int:
    """Make the next generation the good one, in place of `parent`, and prolong the session; return its number."""
    generation = family.generation + 1
    await write(
        sql(
            "UPDATE account_session SET refresh_generation = ?, refresh_parent = ?, last_used_at = ?, expires_at = ?"
            " WHERE id = ?",
            generation,
            parent,
            at,
            until,
            family.id,
        )
    )
    return generation


async def revoke_family(session_id: UUID, at: datetime) -> None:
    """End the session, by row: none of its tokens is good any more."""
    await write(sql("UPDATE account_session SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", at, session_id))
