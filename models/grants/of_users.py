"""Read and change the grants that users hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from models.db.dialect import is_any_of, joined
from models.db.keyset.pages import count
from models.db.rows import cells_of
from models.db.sql import Sql, all_of, fetch, sql, write
from models.db.writes import delete_listed, pairs_of
from models.grants import catalogue
from models.grants.table import GRANTABLE, USER_GRANT, GrantableRow, UserGrant
from rules.access import Actor, Role
from rules.grants.held_access import Levels
from rules.grants.kinds import GrantableKind, ModuleAccess

ROWS_AT_ONCE = 20_000
"""The number of grants that one statement writes. A statement for more grants could exceed the database's time limit.
"""


class Grant(NamedTuple):
    """A grantable that a user holds. `level` is the level of a module, and None for other kinds."""

    grantable: GrantableRow
    level: ModuleAccess | None


class SharedGrants(NamedTuple):
    """Grants that several users get or lose together: each of the users gets or loses all grantables in `levels`.

    `levels` maps the id of each grantable to the level of a module, or to None for other kinds.
    """

    user_ids: Sequence[UUID]
    levels: Levels


def visible_to(actor: Actor) -> Sql:
    """Return the SQL condition that the actor can see a grant (alias x) of a grantable (alias g).

    An actor who manages a portal's users sees all grants of the portal. Other actors see only their own grants.
    """
    return catalogue.managed_by(actor) if actor.manages_users else sql("x.user_id = ?", actor.id)


async def grants(actor: Actor, user_ids: Iterable[UUID]) -> dict[UUID, list[Grant]]:
    """Return the users' grants that the actor can see, keyed by user id, ordered by app and name.

    Users without such grants are left out. System groups are not included, because their members have no grants. The
    function runs one statement.
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


async def held_levels(
    actor: Actor, user_ids: Iterable[UUID], kinds: Iterable[GrantableKind]
) -> dict[UUID, dict[GrantableKind, Levels]]:
    """Return what each user holds, by user id and then by kind: `{user_id: {MODULE: {module_id: READ}}}`.

    Only grants that the actor can see are included. Users and kinds without such grants are left out. The function runs
    one statement.
    """
    entry = joined("CAST(x.grantable_id AS TEXT) || COALESCE(x.level, '')", " ")
    records = await fetch(
        f"SELECT x.user_id, g.kind, {entry} FROM user_grant x JOIN grantable g ON g.id = x.grantable_id WHERE "
        + all_of([visible_to(actor), is_any_of("x.user_id", user_ids), is_any_of("g.kind", kinds)])
        + " GROUP BY x.user_id, g.kind"
    )
    found: dict[UUID, dict[GrantableKind, Levels]] = {}
    read: dict[str, Levels] = {}  # users with the same grantables share one object
    for user_id, kind, text in map(cells_of, records):
        if text not in read:
            read[text] = {UUID(each[:36]): ModuleAccess(each[36:]) if each[36:] else None for each in text.split()}
        found.setdefault(UUID(str(user_id)), {})[GrantableKind(kind)] = read[text]
    return found


async def give(given: Iterable[SharedGrants]) -> None:
    """Store grants. A user who already holds a module gets the new level. Requires the users to be locked.

    The function runs one statement for each batch of ROWS_AT_ONCE grants.
    """
    for batch in _batches(given):
        await write(
            "INSERT INTO user_grant (user_id, grantable_id, level) SELECT v.user_id, v.grantable_id, v.level FROM "
            + _pairs(batch)
            + " WHERE true ON CONFLICT (user_id, grantable_id) DO UPDATE SET level = excluded.level"
        )


async def take(taken: Iterable[SharedGrants]) -> None:
    """Delete grants. Requires the users to be locked. Runs one statement for each batch of ROWS_AT_ONCE grants."""
    for batch in _batches(taken):
        await delete_listed(UserGrant, ("user_id", "grantable_id"), "v", _pairs(batch))


async def take_admin_only(user_ids: Iterable[UUID]) -> dict[UUID, Levels]:
    """Delete the users' grants of admin-only modules, and return them keyed by user id: `{user_id: {module_id: READ}}`.

    Users without such grants are left out. Requires the users to be locked. The function runs one statement.
    """
    records = await write(
        "DELETE FROM user_grant WHERE "
        + is_any_of("user_id", user_ids)
        + " AND grantable_id IN (SELECT g.id FROM grantable g WHERE "
        + sql("g.kind = ? AND g.admin_only)", GrantableKind.MODULE)
        + " RETURNING user_id, grantable_id, level"
    )
    taken: dict[UUID, dict[UUID, ModuleAccess | None]] = {}
    for user_id, grantable_id, level in map(cells_of, records):
        taken.setdefault(UUID(str(user_id)), {})[UUID(str(grantable_id))] = ModuleAccess(level)
    return {**taken}


async def count_holders(actor: Actor, grantable_id: UUID, *, without_role: Role | None = None) -> int:
    """Return how many users have a grant of the grantable, or 0 if the actor does not manage the portal.

    Users with the role `without_role` are not counted. Members of a system group are not counted, because they have no
    grants.
    """
    source = "user_grant x JOIN grantable g ON g.id = x.grantable_id JOIN portal_user u ON u.id = x.user_id"
    where = [catalogue.managed_by(actor), sql("x.grantable_id = ?", grantable_id)]
    where += [sql("u.role <> ?", without_role)] if without_role else []
    return await count(source, all_of(where))


async def take_from_all(grantable_id: UUID) -> None:
    """Delete every grant of the grantable. Requires the portal to be locked.

    The function runs one statement for each batch of ROWS_AT_ONCE grants.
    """
    some = sql("SELECT x.id FROM user_grant x WHERE x.grantable_id = ? LIMIT ?", grantable_id, ROWS_AT_ONCE)
    while await write("DELETE FROM user_grant WHERE id IN (" + some + ") RETURNING id"):
        pass


def _pairs(batch: Sequence[SharedGrants]) -> Sql:
    return pairs_of(
        "v",
        UserGrant,
        "user_id",
        ("grantable_id", "level"),
        [
            (each.user_ids, [{"grantable_id": id, "level": level} for id, level in each.levels.items()])
            for each in batch
        ],
    )


def _batches(shared: Iterable[SharedGrants]) -> Iterator[list[SharedGrants]]:
    # A SharedGrants with many users is split between users. The grants of one user stay together.
    batch: list[SharedGrants] = []
    rows = 0
    for each in shared:
        users_at_once = max(1, ROWS_AT_ONCE // max(1, len(each.levels)))
        for start in range(0, len(each.user_ids) if each.levels else 0, users_at_once):
            part = SharedGrants(each.user_ids[start : start + users_at_once], each.levels)
            size = len(part.user_ids) * len(part.levels)
            if batch and rows + size > ROWS_AT_ONCE:
                yield batch
                batch, rows = [], 0
            batch.append(part)
            rows += size
    if batch:
        yield batch
