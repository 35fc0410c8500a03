"""The reach of an actor: SQL conditions that limit every read of tenant data to the actor's portals."""

from __future__ import annotations

from models.db.dialect import NO_ROW
from models.db.keyset.branches import Branches
from models.db.sql import Sql, sql
from rules.access import Actor, Role


def reach(actor: Actor, portal_id: str, mssp_id: str | None = None) -> Sql:
    """Return the SQL condition that the portal in the column `portal_id` is one of the actor's portals.

    These are all portals of the provider for an MSSP admin, the assigned portals for a technician, and the portal of
    the account for other actors. Each statement reads a technician's assignments again. If an assignment is deleted,
    the technician's next request does not find the portal, but the technician's sessions continue.

    `mssp_id` is the column of the same table with the provider's id, or None if the table has no such column. For
    staff, the condition compares `mssp_id`, because the indexes for lists over many portals begin with this column.
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
    """Return the SQL condition that the actor manages the users of the portal in the column `portal_id`.

    The condition is false if `actor.manages_users` is false, as for the role PORTAL_USER.
    """
    return reach(actor, portal_id, mssp_id) if actor.manages_users else NO_ROW


def visible_to(actor: Actor) -> Sql:
    """Return the SQL condition that the actor can see a portal (alias p).

    An actor with the role PORTAL_USER can see the portal of the account. The API hides the portal's policy and tiles
    from this role.
    """
    return reach(actor, "p.id", "p.mssp_id")


def assigned(actor: Actor, portal_id: str) -> Branches | None:
    """Return a technician's portals as the branches of a list. Return None for other actors.

    `portal_id` is the column with the portal's id in the listed rows. The lists of other actors need no branches,
    because the rows of one provider, or of one portal, are one range of an index.
    """
    if actor.role is not Role.MSSP_TECHNICIAN:
        return None
    which = sql("r.staff_id = ? AND q.mssp_id = ?", actor.id, actor.mssp_id)
    source = "technician_assignment r JOIN portal q ON q.id = r.portal_id"
    return Branches(source, which, f"{portal_id} = r.portal_id")
