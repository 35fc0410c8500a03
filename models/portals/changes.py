"""Create, change and delete portals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from models.db.sql import fetch, sql, write
from models.db.writes import insert_rows, update_rows
from models.portals.table import Portal


async def add(portal: Mapping[str, Any]) -> bool:
    """Store a new portal. Return False if another portal has the slug.

    `portal` maps columns to values. Other columns get their defaults. If another transaction is storing the same slug,
    wait for its end.
    """
    await insert_rows(Portal, list(portal), [portal], unless=" ON CONFLICT (slug) DO NOTHING")
    return bool(await fetch(sql("SELECT p.id FROM portal p WHERE p.id = ?", portal["id"])))


async def number_of(mssp_id: UUID) -> int:
    """Return the number of the provider's portals."""
    rows = await fetch(sql("SELECT COUNT(*) AS portals FROM portal p WHERE p.mssp_id = ?", mssp_id))
    return int(rows[0]["portals"])


async def change(portal_id: UUID, values: Mapping[str, Any]) -> None:
    """Write new values of the portal's columns. `values` maps columns to values. Requires the portal to be locked."""
    await update_rows(Portal, list(values), [{"id": portal_id, **values}])


async def delete(portal_id: UUID) -> None:
    """Delete the portal and the rows that refer to it, but keep its audit log.

    Requires the portal to be locked, and to have no users.
    """
    await write(sql("DELETE FROM portal WHERE id = ?", portal_id))


async def users_of(portal_id: UUID, most: int) -> list[UUID]:
    """Return the ids of at most `most` users of the portal. Requires the portal to be locked."""
    rows = await fetch(sql("SELECT u.id FROM portal_user u WHERE u.portal_id = ? LIMIT ?", portal_id, most))
    return [UUID(str(row["id"])) for row in rows]
