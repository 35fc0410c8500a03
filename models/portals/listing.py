"""Lists of portals: conditions and orders. Numbers of users come from the portals' counters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from models.db.dialect import NO_ROW
from models.db.keyset.listings import Listing
from models.db.keyset.spans import Order, SortColumn
from models.db.sql import Sql, sql
from models.licenses import runs_at
from models.portals import tags
from models.portals.table import PORTAL, PortalRow
from rules.access import Actor
from rules.lifecycle.counters import TILE_COUNTERS, TileKind
from rules.lifecycle.licenses import SeatMode

BELOW_ALL, ABOVE_ALL = 0, 2**31 - 1
"""The two sort values of portals with unlimited seats: below, and above, the values of all other portals."""


class PortalOrderField(StrEnum):
    NAME = "NAME"
    SEATS_AVAILABLE = "SEATS_AVAILABLE"
    LOCKED_USERS = "LOCKED_USERS"
    WAITING_FOR_SEAT = "WAITING_FOR_SEAT"
    OPEN_INVITES = "OPEN_INVITES"


def tile_count(kind: TileKind) -> str:
    """Return the SQL expression for the number that a tile of the portal (alias p) shows."""
    return "(" + " + ".join(f"p.{name}" for name in TILE_COUNTERS[kind]) + ")"


NAME = SortColumn("p.name_key", str)
SORTS = {
    PortalOrderField.NAME: NAME,
    PortalOrderField.SEATS_AVAILABLE: SortColumn("m.seats_available", int),
    PortalOrderField.LOCKED_USERS: SortColumn(tile_count(TileKind.LOCKED_USERS), int),
    PortalOrderField.WAITING_FOR_SEAT: SortColumn(tile_count(TileKind.WAITING_FOR_SEAT), int),
    PortalOrderField.OPEN_INVITES: SortColumn(tile_count(TileKind.OPEN_INVITES), int),
}

Sorting = tuple[tuple[PortalOrderField, bool], ...]
"""The order fields of a list, most important first. True means that the field sorts in descending order."""


class PortalConditions(NamedTuple):
    """Conditions on portals, joined by AND. A field that is None adds no condition.

    `tag_keys` are folded tags. A portal with at least one of them meets the condition.
    """

    is_active: bool | None = None
    in_production: bool | None = None
    tag_keys: Sequence[str] | None = None
    has_users_in: TileKind | None = None

    def sql(self, actor: Actor) -> list[Sql]:
        """Return the SQL conditions on a portal (alias p).

        A condition is false if the actor cannot see the values that it compares: only staff see tags, and only actors
        who manage users see numbers of users.
        """
        found = [sql("p.is_active = ?", self.is_active)] if self.is_active is not None else []
        found += [sql("p.in_production = ?", self.in_production)] if self.in_production is not None else []
        if self.tag_keys is not None:
            found.append(tags.has_any(self.tag_keys) if actor.is_staff else NO_ROW)
        if self.has_users_in is not None:
            found.append(Sql(f"{tile_count(self.has_users_in)} > 0") if actor.manages_users else NO_ROW)
        return found


def ordering(actor: Actor, sorting: Sorting) -> Order:
    """Return the columns by which a list of portals is sorted: the fields of `sorting`, then name and id.

    If a field occurs twice, its first entry counts. An actor who manages no users always gets the order by name.
    """
    # Cursors contain the values of the sort columns. They must not reveal numbers of users.
    terms: dict[str, SortColumn] = {}
    for field, descending in sorting if actor.manages_users else ():
        term = SORTS[field]
        terms.setdefault(term.column, term._replace(descending=descending))
    terms.setdefault(NAME.column, NAME)
    return (*terms.values(), SortColumn("p.id", UUID))


def listing(order: Order, at: datetime) -> Listing[PortalRow]:
    """Return the definition of the list of portals, sorted by `order`. Only packages active at `at` give seats."""
    seats = next((term for term in order if term.column == SORTS[PortalOrderField.SEATS_AVAILABLE].column), None)
    return Listing(PORTAL, _with_seats(at, descending=seats.descending) if seats else "portal p", order)


def _with_seats(at: datetime, *, descending: bool) -> Sql:
    # The sort value is the number of available seats plus 1, so that it is above BELOW_ALL. Portals with unlimited seats
    # come last in both directions.
    unlimited = BELOW_ALL if descending else ABOVE_ALL
    total = "(SELECT COALESCE(SUM(l.seats), 0) FROM license_package l WHERE l.portal_id = r.id AND " + runs_at(at) + ")"
    available = "1 + CASE WHEN s.seats_total > s.seats_used THEN s.seats_total - s.seats_used ELSE 0 END"
    return (
        "portal p JOIN (SELECT s.id, "
        + sql(f"CASE WHEN s.seat_mode = ? THEN {unlimited} ELSE {available} END AS seats_available", SeatMode.UNLIMITED)
        + " FROM (SELECT r.id, r.seat_mode, r.seats_used, "
        + total
        + " AS seats_total FROM portal r) s) m ON m.id = p.id"
    )
