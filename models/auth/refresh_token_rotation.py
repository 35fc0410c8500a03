"""Rotate the refresh tokens of a session: each refresh replaces the newest token by a new one.

The tokens of a session are numbered: 0, 1, 2 and so on. No table stores the tokens. The session's row stores the
numbers of the two valid tokens: the newest token, and its parent, which the newest token replaced. If a client sends an
earlier token, the token was copied, and the session ends (`services.auth.sessions.refresh`).
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.auth.actors import ACTING_COLUMNS, ACTING_SOURCE, Acting, acting_of
from models.auth.sessions import AccountSession
from models.db.dialect import locked
from models.db.rows import RowMapper
from models.db.sql import Record, fetch, sql, write
from rules.accounts import AccountKey


class RefreshSessionRow(NamedTuple):
    """The columns of a session that a refresh needs.

    - `generation`: the number of the newest refresh token. The first token has the number 0.
    - `parent`: the number of the token that the newest token replaced, or None. Both tokens are valid.
    - `idle_since`: the start of the portal user's idle period. None for staff.
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


SESSION = RowMapper(
    RefreshSessionRow,
    AccountSession,
    "a",
    nonce="a.refresh_nonce",
    generation="a.refresh_generation",
    parent="a.refresh_parent",
    idle_since="u.idle_since",
)


class LockedSession(NamedTuple):
    """A locked session. `record` is the database record from which the method `acting` reads the session's actor."""

    session: RefreshSessionRow
    record: Record

    def acting(self, at: datetime) -> Acting | None:
        """Return the actor of the session at `at`, or None if the session gives no access."""
        return acting_of(self.record, self.session.owner.id, at, start=len(SESSION))


async def lock_session(session_id: UUID) -> LockedSession | None:
    """Lock and return the session, or return None if there is none. Refreshes of one session run in turn."""
    # After a wait for the lock, PostgreSQL reads the session again, but not the account and the portal. This is enough,
    # because every change that ends sessions also revokes the row of the session.
    query = f"SELECT {SESSION.columns}, {ACTING_COLUMNS} FROM {ACTING_SOURCE} WHERE " + sql("a.id = ?", session_id)
    found = await fetch(locked(query, "a"))
    return LockedSession(SESSION.read(found)[0], found[0]) if found else None


async def rotate(session: RefreshSessionRow, parent: int, at: datetime, until: datetime) -> int:
    """Store that the session has a new refresh token, and return the number of the new token.

    `parent` is the number of the token that the client sent. This token is stored as the parent of the new token. The
    session is extended to `until`.
    """
    generation = session.generation + 1
    await write(
        sql(
            "UPDATE account_session SET refresh_generation = ?, refresh_parent = ?, last_used_at = ?, expires_at = ?"
            " WHERE id = ?",
            generation,
            parent,
            at,
            until,
            session.id,
        )
    )
    return generation


async def revoke_session(session_id: UUID, at: datetime) -> None:
    """Revoke the session, so that all tokens of the session become invalid."""
    await write(sql("UPDATE account_session SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", at, session_id))
