"""Which portals an actor reaches: the condition at the root of every read of a tenant's data."""

from __future__ import annotations

from models.db.dialect import NO_ROW
from models.db.keyset.branches import Branches
from models.db.sql import Sql, sql
from rules.access import Actor, Role


def reach(actor: Actor, portal_id: str, mssp_id: str | None = None) -> Sql:
    """Return the condition that the portal named by that column is within the actor's reach; the root of every door.

    A technician's assignments are read by a subselect in each statement and are stored nowhere else. When an assignment
    ends, its row is deleted, and the next request does not find the portal; sessions continue.

    `mssp_id` is the same table's column that names the provider. Where there is one the condition names it for staff,
    because the indexes of lists over many portals begin with it.
    """
    if actor.role is Role.MSSP_ADMIN:
        if mssp_id:
            return sql(f"{mssp_id} = ?", actor.mssp_id)
        return sql(f"{portal_id} IN (SELECT r.id FROM portal r WHERE r.mssp_id = ?)", actor.mssp_id)
    if actor.role is Role.MSSP_TECHNICIAN:
        within = sql(f"{mssp_id} = ? AND ", actor.mssp_id) if mssp_id else Sql("")
        assigned = "SELECT r.portal_id FROM technician_assignment r WHERE r.staff_id = ?"
        return within + sql(f"{portal_id} IN ({assigned})", actor.id)
    return sql(f"{portal_id} = ?", actor.portal_id)


def managed(actor: Actor, portal_id: str, mssp_id: str | None = None) -> Sql:
    """Return the condition that the actor manages the users of the portal; false for a portal user."""
    return reach(actor, portal_id, mssp_id) if actor.manages_users else NO_ROW


def visible_to(actor: Actor) -> Sql:
    """Return which portals p the actor may see; a portal user sees the own one, without policy and tiles."""
    return reach(actor, "p.id", "p.mssp_id")


def assigned(actor: Actor, portal_id: str) -> Branches | None:
    """Return a technician's portals as the branches of a list whose rows name their portal in that column; a door.

    None for other actors: their rows are one range of an index.
    """
    if actor.role is not Role.MSSP_TECHNICIAN:
        return None
    which = sql("r.staff_id = ? AND q.mssp_id = ?", actor.id, actor.mssp_id)
    source = "technician_assignment r JOIN portal q ON q.id = r.portal_id"
    return Branches(source, which, f"{portal_id} = r.portal_id")
