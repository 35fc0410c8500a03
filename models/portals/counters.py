"""Change the counters on a portal's row. License tiles and the check for free seats read these counters."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from models.db.sql import sql, write
from models.db.writes import table_of
from models.licenses import runs_at
from models.portals.table import COUNTERS, Portal
from rules.lifecycle.licenses import SeatMode


async def adjust(deltas: dict[UUID, dict[str, int]], at: datetime) -> set[UUID]:
    """Add `deltas` to the portals' counters, and return the ids of the changed portals.

    For example, `{portal_id: {"active": 1, "staged": -1}}`. A portal with too few free seats for its deltas does not
    change. Only packages active at `at` give seats. Portals in the seat mode UNLIMITED always have free seats. Requires
    the portals to be locked.
    """
    rows = [{"id": portal_id, **dict.fromkeys(COUNTERS, 0), **delta} for portal_id, delta in deltas.items()]
    added = ", ".join(f"{name} = portal.{name} + v.{name}" for name in COUNTERS)
    statement = (
        f"UPDATE portal SET {added} FROM "
        + table_of("v", Portal, ("id", *COUNTERS), rows)
        + " WHERE portal.id = v.id AND (v.seats_used <= 0"
        + sql(" OR portal.seat_mode = ?", SeatMode.UNLIMITED)
        + " OR portal.seats_used + v.seats_used <="
        + " (SELECT COALESCE(SUM(l.seats), 0) FROM license_package l WHERE l.portal_id = portal.id AND "
        + runs_at(at)
        + ")) RETURNING portal.id"
    )
    return {UUID(str(row["id"])) for row in await write(statement)}
