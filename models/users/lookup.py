"""Read and lock users. Every function returns only users that the actor can see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from models.db.dialect import NO_ROW, is_any_of, locked
from models.db.sql import Sql, all_of, fetch, sql
from models.portals.reach import reach
from models.users.table import USER, UserRow
from rules.access import Actor


def visible_to(actor: Actor) -> Sql:
    """Return the SQL condition that the actor can see a user (alias u).

    Staff and portal admins see the users of the portals that they manage. Other actors see only themselves.
    """
    return reach(actor, "u.portal_id", "u.mssp_id") if actor.manages_users else sql("u.id = ?", actor.id)


def managed_by(actor: Actor) -> Sql:
    """Return the SQL condition that the actor manages a user (alias u). False if the actor manages no users."""
    return visible_to(actor) if actor.manages_users else NO_ROW


async def by_id(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, UserRow]:
    """Return the users of `ids` that the actor can see, keyed by id."""
    rows = await fetch(
        f"SELECT {USER.columns} FROM portal_user u WHERE " + visible_to(actor) + " AND " + is_any_of("u.id", ids)
    )
    return {user.id: user for user in USER.read(rows)}


async def portals_of(actor: Actor, ids: Sequence[UUID]) -> list[UUID]:
    """Return the ids of the portals of the users in `ids`. Users that the actor does not manage are left out."""
    rows = await fetch(
        "SELECT DISTINCT u.portal_id FROM portal_user u WHERE " + managed_by(actor) + " AND " + is_any_of("u.id", ids)
    )
    return [UUID(str(row["portal_id"])) for row in rows]


async def lock(actor: Actor, ids: list[UUID], portal_ids: list[UUID]) -> dict[UUID, UserRow]:
    """Lock the users of `ids` that the actor manages in `portal_ids`, in id order. Return them keyed by id.

    Requires the portals to be locked.
    """
    return await _lock([managed_by(actor), is_any_of("u.id", ids), is_any_of("u.portal_id", portal_ids)])


async def lock_visible(actor: Actor, ids: list[UUID]) -> dict[UUID, UserRow]:
    """Lock the users of `ids` that the actor can see, in id order. Return them keyed by id.

    Requires the portals of the users to be locked.
    """
    return await _lock([visible_to(actor), is_any_of("u.id", ids)])


async def _lock(where: list[Sql]) -> dict[UUID, UserRow]:
    query = f"SELECT {USER.columns} FROM portal_user u WHERE " + all_of(where) + " ORDER BY u.id"
    return {user.id: user for user in USER.read(await fetch(locked(query, "u")))}
