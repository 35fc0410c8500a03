"""Count the users of a selection. If possible, add up the portals' counters instead of reading the users."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.keyset.pages import count
from models.db.rows import cells_of
from models.db.sql import Sql, all_of, fetch, sql
from models.portals.reach import managed
from models.portals.table import PortalRow
from models.users.lookup import managed_by
from models.users.selection.conditions import UserConditions, UserQuery, conditions
from rules.access import Actor
from rules.lifecycle.statuses import Status, StatusReason
from rules.text import search

_ANY = UserConditions()


def counters_of(query: UserQuery) -> tuple[str, ...] | None:
    """Return the portal counters that add up to the number of selected users, such as `("active", "locked_out")`.

    Return None if no counters give this number. Conditions on the portal are ignored.
    """
    if search.parse_user_search(query.search) != search.UserSearch():
        return None
    admitted = frozenset(status for status in Status if query.admits(status))
    rest = query.filter._replace(portal_id_in=None, status_in=None)
    if rest == _ANY:
        return tuple(status.value.lower() for status in Status if status in admitted)
    if rest == _ANY._replace(holds_seat=True) and len(admitted) == len(Status):
        return ("seats_used",)
    if rest.status_reason_in and set(rest.status_reason_in) == {StatusReason.WAITING_FOR_SEAT}:
        is_plain = rest._replace(status_reason_in=None) == _ANY
        return ("waiting_for_seat",) if is_plain and admitted == {Status.DEACTIVATED} else None
    return None


def of_portal(portal: PortalRow, query: UserQuery) -> int | None:
    """Return the number of selected users of the portal, from the portal's counters.

    Return None if no counters give this number, or if the selection has a filter by portal.
    """
    names = counters_of(query) if query.filter.portal_id_in is None else None
    return None if names is None else sum(getattr(portal, name) for name in names)


async def total(actor: Actor, query: UserQuery, at: datetime, narrowed: Sequence[Sql] = ()) -> int:
    """Return the number of selected users that the actor manages. The function runs one statement.

    `narrowed` are conditions that every selected user meets. They do not change the number, but make counting faster.
    """
    names = counters_of(query)
    if names is None:
        return await count("portal_user u", all_of([managed_by(actor), *conditions(query, at), *narrowed]))
    where = [managed(actor, "p.id", "p.mssp_id"), *_portals(query.portal_id, query)]
    counted = " + ".join(f"p.{name}" for name in names) or "0"
    rows = await fetch(f"SELECT COALESCE(SUM({counted}), 0) FROM portal p WHERE " + all_of(where))
    return int(cells_of(rows[0])[0])


def _portals(portal_id: UUID | None, query: UserQuery) -> list[Sql]:
    found = [] if portal_id is None else [sql("p.id = ?", portal_id)]
    among = query.filter.portal_id_in
    return found if among is None else [*found, is_any_of("p.id", among)]
