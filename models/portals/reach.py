"""The reach of an actor: the portals whose data the actor may read, as SQL conditions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from models.db.dialect import NO_ROW
from models.db.keyset.branches import Branches
from models.db.sql import Sql, sql
from rules.access import Actor, AssignmentReach, Role

LISTED = "SELECT r.portal_id FROM technician_assignment r WHERE r.staff_id = ?"
TAGGED = (
    "SELECT t.portal_id FROM assigned_tag a JOIN portal_tag t ON t.mssp_id = ? AND t.tag_key = a.tag_key"
    " WHERE a.staff_id = ?"
)


def reach(actor: Actor, portal_id: str, mssp_id: str | None = None) -> Sql:
    """Return the SQL condition that the portal in the column `portal_id` is one of the actor's portals.

    - For an MSSP admin, these are all portals of the provider. For a technician, these are the assigned portals.
    - Any other actor has one portal, which the account belongs to.

    If the same table also has a column with the provider's id, pass its name as `mssp_id`. The condition is then
    faster, because indexes begin with this column.
    """
    if actor.role is Role.MSSP_ADMIN:
        if mssp_id:
            return sql(f"{mssp_id} = ?", actor.mssp_id)
        return sql(f"{portal_id} IN (SELECT r.id FROM portal r WHERE r.mssp_id = ?)", actor.mssp_id)
    if actor.role is Role.MSSP_TECHNICIAN:
        return assigned_to(actor.id, actor.mssp_id, actor.assigned, actor.assigned_at, portal_id, mssp_id)
    return sql(f"{portal_id} = ?", actor.portal_id)


def assigned_to(
    technician_id: UUID,
    of_mssp: UUID,
    assigned: AssignmentReach,
    assigned_at: datetime | None,
    portal_id: str,
    mssp_id: str | None = None,
) -> Sql:
    """Return the SQL condition that a technician is assigned to the portal in the column `portal_id`.

    - `of_mssp`: the technician's provider.
    - `assigned`: the reach of the assignment at `assigned_at`: a list, a list of exceptions, or nothing. The condition
      is false if the reach has changed since.
    - `mssp_id`: the column with the provider's id in the table of `portal_id`, if any. It makes the condition faster.

    The listed portals and tags are read by the condition itself, and can have changed since `assigned_at`.
    """
    # If the assignment was read as a list and now has exceptions, or the reverse, the technician must not reach the
    # portals that it named.
    if assigned is AssignmentReach.NONE:
        return NO_ROW
    return (
        _is_read_as(technician_id, assigned, assigned_at)
        + " AND "
        + _named(technician_id, of_mssp, assigned, portal_id, mssp_id)
    )


def _is_read_as(technician_id: UUID, assigned: AssignmentReach, assigned_at: datetime | None) -> Sql:
    return sql(
        "EXISTS (SELECT 1 FROM staff_member w WHERE w.id = ? AND w.assigned_all_except = ?"
        " AND (w.assigned_until IS NULL OR w.assigned_until > ?))",
        technician_id,
        assigned is AssignmentReach.ALL_EXCEPT,
        assigned_at,
    )


def _named(technician_id: UUID, of_mssp: UUID, assigned: AssignmentReach, portal_id: str, mssp_id: str | None) -> Sql:
    named = sql(f"{LISTED} UNION {TAGGED}", technician_id, of_mssp, technician_id)
    if assigned is AssignmentReach.LISTED:
        within = sql(f"{mssp_id} = ? AND ", of_mssp) if mssp_id else Sql("")
        return within + f"{portal_id} IN (" + named + ")"
    if mssp_id is None:
        others = sql("SELECT r.id FROM portal r WHERE r.mssp_id = ? AND r.id NOT IN (", of_mssp) + named + ")"
        return f"{portal_id} IN (" + others + ")"
    # A row without a portal, such as an event of the provider, is not within the reach of a technician.
    return sql(f"{mssp_id} = ? AND {portal_id} IS NOT NULL AND {portal_id} NOT IN (", of_mssp) + named + ")"


def managed(actor: Actor, portal_id: str, mssp_id: str | None = None) -> Sql:
    """Return the SQL condition that the actor manages the users of the portal in the column `portal_id`.

    False for an actor who manages no users, such as a PORTAL_USER. `reach` explains `mssp_id`.
    """
    return reach(actor, portal_id, mssp_id) if actor.manages_users else NO_ROW


def visible_to(actor: Actor) -> Sql:
    """Return the SQL condition that the actor can see a portal (alias p).

    A PORTAL_USER sees the portal of the account, but the API hides its policy and tiles.
    """
    return reach(actor, "p.id", "p.mssp_id")


def portal_branches(actor: Actor, portal_id: str) -> Branches | None:
    """Return one branch of a list for each portal that is assigned to a technician.

    `portal_id` is the column with the portal's id in the listed rows. Return None for other actors, whose lists need no
    branches.
    """
    if actor.role is not Role.MSSP_TECHNICIAN:
        return None
    return Branches("portal q", reach(actor, "q.id", "q.mssp_id"), f"{portal_id} = q.id")
