"""The assignments of technicians: which portals and tags an assignment lists."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.rows import RowMapper, cells_of, grouped
from models.db.sql import Sql, fetch, sql, write
from models.portals.reach import LISTED
from models.staff import AssignedTag, TechnicianAssignment, staff_visible_to
from rules.access import Actor
from rules.administration.tags import Tag


class _PortalRow(NamedTuple):
    id: UUID
    staff_id: UUID
    portal_id: UUID


class _TagRow(NamedTuple):
    id: UUID
    staff_id: UUID
    tag: str
    tag_key: str


PORTAL = RowMapper(_PortalRow, TechnicianAssignment, "r")
TAG = RowMapper(_TagRow, AssignedTag, "a")


def is_listed_for(technician_id: UUID) -> Sql:
    """Return the SQL condition that the technician's assignment lists a portal (alias p)."""
    return "p.id IN (" + sql(LISTED, technician_id) + ")"


async def tags(actor: Actor, staff_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Return the sorted tags that each technician's assignment lists, keyed by technician id.

    Only technicians that the actor can see and that have tags are included.
    """
    rows = TAG.read(
        await fetch(
            f"SELECT {TAG.columns} FROM assigned_tag a JOIN staff_member s ON s.id = a.staff_id WHERE "
            + staff_visible_to(actor)
            + " AND "
            + is_any_of("a.staff_id", staff_ids)
            + " ORDER BY a.tag_key"
        )
    )
    return grouped((row.staff_id, row.tag) for row in rows)


async def portals(actor: Actor, technician_id: UUID) -> list[UUID]:
    """Return the ids of the portals that the technician's assignment lists, in id order.

    Empty if the actor cannot see the technician.
    """
    records = await fetch(
        "SELECT r.portal_id FROM technician_assignment r JOIN staff_member s ON s.id = r.staff_id WHERE "
        + staff_visible_to(actor)
        + sql(" AND r.staff_id = ? ORDER BY r.portal_id", technician_id)
    )
    return [UUID(str(cells_of(record)[0])) for record in records]


async def replace(
    technician_id: UUID,
    portals: Mapping[UUID, UUID],
    tags: Mapping[UUID, Tag],
    *,
    all_except: bool,
    until: datetime | None,
) -> None:
    """Replace the technician's assignment. Requires the technician and the portals to be locked.

    - `portals`: the listed portals, each under the id of its new row: `{row_id: portal_id}`.
    - `tags`: the listed tags, each under the id of its new row: `{row_id: tag}`.
    - `all_except`: whether the technician gets all portals except the listed ones.
    - `until`: the end of the assignment, or None.
    """
    await write(sql("DELETE FROM technician_assignment WHERE staff_id = ?", technician_id))
    await write(sql("DELETE FROM assigned_tag WHERE staff_id = ?", technician_id))
    await PORTAL.insert([_PortalRow(row_id, technician_id, portal_id) for row_id, portal_id in portals.items()])
    await TAG.insert([_TagRow(row_id, technician_id, tag.text, tag.key) for row_id, tag in tags.items()])
    await write(
        sql(
            "UPDATE staff_member SET assigned_all_except = ?, assigned_until = ? WHERE id = ?",
            all_except,
            until,
            technician_id,
        )
    )
