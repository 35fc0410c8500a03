"""Read the catalogues of portals, and change their entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from models.db.dialect import contains, is_any_of
from models.db.keyset.listings import Listing
from models.db.keyset.pages import count
from models.db.keyset.spans import SortColumn
from models.db.sql import Sql, all_of, fetch, sql, write
from models.grants.table import GRANTABLE, GrantableRow
from models.portals.reach import managed, reach
from rules.access import Actor
from rules.grants.kinds import SYSTEM_GROUP, GrantableKind
from rules.text.folding import sort_key

BY_NAME = (SortColumn("g.name_key", str),)
"""The order of a portal's sub-accounts: by folded name, which is unique in a portal."""

SUB_ACCOUNTS = Listing(GRANTABLE, "grantable g", BY_NAME)


def managed_by(actor: Actor) -> Sql:
    """Return the SQL condition that the actor manages the portal of a grantable (alias g)."""
    return managed(actor, "g.portal_id")


def visible_to(actor: Actor) -> Sql:
    """Return the SQL condition that the actor can see a grantable (alias g).

    An actor who manages a portal's users sees the whole catalogue. Other actors see only the grantables that they hold.
    """
    if actor.manages_users:
        return managed_by(actor)
    held = sql("g.id IN (SELECT x.grantable_id FROM user_grant x WHERE x.user_id = ?)", actor.id)
    joined = sql(
        "g.is_system AND EXISTS (SELECT 1 FROM portal_user u WHERE u.id = ? AND u.kind = 'EXTERNAL')", actor.id
    )
    return reach(actor, "g.portal_id") + " AND (" + held + " OR (" + joined + "))"


async def by_id(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, GrantableRow]:
    """Return the grantables of `ids` that the actor can see, keyed by id."""
    found = await fetch(
        f"SELECT {GRANTABLE.columns} FROM grantable g WHERE " + visible_to(actor) + " AND " + is_any_of("g.id", ids)
    )
    return {row.id: row for row in GRANTABLE.read(found)}


async def of_portals(
    actor: Actor, portal_ids: Iterable[UUID], kinds: Iterable[GrantableKind]
) -> dict[UUID, list[GrantableRow]]:
    """Return the portals' grantables of these kinds, keyed by portal id, ordered by app and name.

    Only portals that the actor manages and that have such grantables are included. The function runs one statement.
    """
    found = await fetch(
        f"SELECT {GRANTABLE.columns} FROM grantable g WHERE "
        + managed_by(actor)
        + " AND "
        + is_any_of("g.portal_id", portal_ids)
        + " AND "
        + is_any_of("g.kind", kinds)
        + " ORDER BY g.app_key, g.name_key, g.id"
    )
    rows: dict[UUID, list[GrantableRow]] = {}
    for row in GRANTABLE.read(found):
        rows.setdefault(row.portal_id, []).append(row)
    return rows


def sub_accounts_managed_by(actor: Actor, portal_id: UUID, words: Sequence[str]) -> Sql:
    """Return the SQL condition on the portal's sub-accounts (alias g) whose names contain all `words`.

    The words must be folded. The condition is false if the actor does not manage the portal.
    """
    of_portal = sql("g.portal_id = ? AND g.kind = ? AND g.app_key = ''", portal_id, GrantableKind.SUB_ACCOUNT)
    return all_of([managed_by(actor), of_portal, *(contains("g.name_key", word) for word in words)])


async def number_of(actor: Actor, portal_id: UUID, kind: GrantableKind) -> int:
    """Return the portal's number of grantables of the kind, or 0 if the actor does not manage the portal."""
    where = managed_by(actor) + sql(" AND g.portal_id = ? AND g.kind = ?", portal_id, kind)
    return await count("grantable g", where)


async def is_taken(actor: Actor, wanted: GrantableRow) -> bool:
    """Return whether the name of `wanted` is taken by another grantable of the same portal, kind and app."""
    where = managed_by(actor) + sql(
        " AND g.portal_id = ? AND g.kind = ? AND g.app_key = ? AND g.name_key = ? AND g.id <> ?",
        wanted.portal_id,
        wanted.kind,
        wanted.app_key,
        wanted.name_key,
        wanted.id,
    )
    return bool(await count("grantable g", where))


def system_group(portal_id: UUID) -> GrantableRow:
    """Return the row of the portal's system group. The id of the group is the id of the portal."""
    return GrantableRow(
        id=portal_id,
        portal_id=portal_id,
        kind=GrantableKind.GROUP,
        app="",
        app_key="",
        name=SYSTEM_GROUP,
        name_key=sort_key(SYSTEM_GROUP),
        is_system=True,
    )


async def add(grantables: Sequence[GrantableRow]) -> None:
    """Store new grantables in one statement. Requires their portal to be locked, or to be new."""
    await GRANTABLE.insert(grantables)


async def change(grantable: GrantableRow) -> None:
    """Store the changed grantable. Requires the portal to be locked."""
    await GRANTABLE.update([grantable])


async def delete(grantable_id: UUID) -> None:
    """Delete a grantable that no user holds. Requires the portal to be locked."""
    await write(sql("DELETE FROM grantable WHERE id = ?", grantable_id))
