"""Read and change the grants that users hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.keyset.pages import count
from models.db.rows import cells_of
from models.db.sql import Sql, all_of, fetch, sql, write
from models.db.writes import table_of
from models.grants import catalogue
from models.grants.table import GRANTABLE, USER_GRANT, GrantableRow, UserGrant, UserGrantRow
from rules.access import Actor, Role
from rules.grants.kinds import GrantableKind, ModuleAccess

ROWS_AT_ONCE = 20_000
"""The number of grants that one statement writes, so that no statement runs longer than the database allows."""


class Grant(NamedTuple):
    """A grantable that a user holds. `level` is the level of a module, and None for other kinds."""

    grantable: GrantableRow
    level: ModuleAccess | None


class Held(NamedTuple):
    """The key of a grant: the ids of the user and of the grantable."""

    user_id: UUID
    grantable_id: UUID


def visible_to(actor: Actor) -> Sql:
    """Return the SQL condition that the actor can see a grant (alias x) of a grantable (alias g).

    Accounts that manage a portal's users see all grants of the portal. Other actors see their own grants.
    """
    return catalogue.managed_by(actor) if actor.manages_users else sql("x.user_id = ?", actor.id)


async def grants(actor: Actor, user_ids: Iterable[UUID]) -> dict[UUID, list[Grant]]:
    """Return the grants of each user that the actor can see, ordered by app and name.

    The system group, which has no rows, is left out. So are users without grants. The function runs one statement.
    """
    records = await fetch(
        f"SELECT {USER_GRANT.columns}, {GRANTABLE.columns}"
        " FROM user_grant x JOIN grantable g ON g.id = x.grantable_id WHERE "
        + visible_to(actor)
        + " AND "
        + is_any_of("x.user_id", user_ids)
        + " ORDER BY g.app_key, g.name_key, g.id"
    )
    held = USER_GRANT.read(records)
    found: dict[UUID, list[Grant]] = {}
    for row, grantable in zip(held, GRANTABLE.read(records, start=len(USER_GRANT)), strict=True):
        found.setdefault(row.user_id, []).append(Grant(grantable, row.level))
    return found


async def give(given: Sequence[UserGrantRow]) -> None:
    """Store grants. A grant that the user holds already gets the given level. Requires the users to be locked.

    The function runs one statement for each ROWS_AT_ONCE grants.
    """
    for batch in _batches(given):
        await USER_GRANT.insert(
            batch, unless=" ON CONFLICT (user_id, grantable_id) DO UPDATE SET level = excluded.level"
        )


async def take(held: Sequence[Held]) -> None:
    """Delete grants. Requires the users to be locked. The function runs one statement for each ROWS_AT_ONCE grants."""
    for batch in _batches(held):
        given = table_of("v", UserGrant, Held._fields, [each._asdict() for each in batch])
        await write(
            "DELETE FROM user_grant WHERE (user_id, grantable_id) IN (SELECT v.user_id, v.grantable_id FROM "
            + given
            + ")"
        )


async def take_admin_only(user_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Delete the users' grants of admin-only modules. Return the ids of the modules that each user held.

    Users who held none are left out. Requires the users to be locked. The function runs one statement.
    """
    records = await write(
        "DELETE FROM user_grant WHERE "
        + is_any_of("user_id", user_ids)
        + " AND grantable_id IN (SELECT g.id FROM grantable g WHERE "
        + sql("g.kind = ? AND g.admin_only)", GrantableKind.MODULE)
        + " RETURNING user_id, grantable_id"
    )
    taken: dict[UUID, list[UUID]] = {}
    for user_id, grantable_id in map(cells_of, records):
        taken.setdefault(UUID(str(user_id)), []).append(UUID(str(grantable_id)))
    return taken


async def holders(actor: Actor, grantable_id: UUID, *, without_role: Role | None = None) -> int:
    """Return how many users hold the grantable. With `without_role`, users who have this role are left out.

    Return 0 if the actor does not manage the portal. The members of the system group have no grants and do not count.
    """
    source = "user_grant x JOIN grantable g ON g.id = x.grantable_id JOIN portal_user u ON u.id = x.user_id"
    where = [catalogue.managed_by(actor), sql("x.grantable_id = ?", grantable_id)]
    where += [sql("u.role <> ?", without_role)] if without_role else []
    return await count(source, all_of(where))


async def take_from_all(grantable_id: UUID) -> None:
    """Delete every grant of the grantable, ROWS_AT_ONCE in one statement. Requires the portal to be locked."""
    some = sql("SELECT x.id FROM user_grant x WHERE x.grantable_id = ? LIMIT ?", grantable_id, ROWS_AT_ONCE)
    while await write("DELETE FROM user_grant WHERE id IN (" + some + ") RETURNING id"):
        pass


def _batches(rows: Sequence[Any]) -> Iterator[list[Any]]:
    ahead = iter(rows)
    while batch := list(islice(ahead, ROWS_AT_ONCE)):
        yield batch
