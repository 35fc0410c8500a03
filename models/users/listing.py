"""Lists of users: the orders, and how each order is read from the indexes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.keyset.branches import Branches
from models.db.keyset.listings import Listing, Window
from models.db.keyset.pages import count, page
from models.db.keyset.spans import Order, SortColumn
from models.db.rows import RowMapper
from models.db.sql import Sql, all_of
from models.portals.reach import portal_branches
from models.users.lookup import managed_by
from models.users.selection.conditions import UserQuery, conditions
from models.users.table import NEVER, ROLE_RANK, STATUS_RANK, USER, PortalUser, UserRow
from rules.access import Actor
from rules.lifecycle.statuses import CATEGORY, Status
from rules.text.folding import ABSENT


class OrderField(StrEnum):
    FIRST_NAME = "FIRST_NAME"
    LAST_NAME = "LAST_NAME"
    USERNAME = "USERNAME"
    EMAIL = "EMAIL"
    STATUS = "STATUS"
    ROLE = "ROLE"
    LAST_SIGN_IN_AT = "LAST_SIGN_IN_AT"
    ADDED_AT = "ADDED_AT"
    MODIFIED_AT = "MODIFIED_AT"
    PORTAL_NAME = "PORTAL_NAME"
    STATUS_CHANGED_AT = "STATUS_CHANGED_AT"
    KIND = "KIND"


class Sort(NamedTuple):
    """A field by which the schema sorts users: its description, and the column to sort by."""

    description: str
    column: SortColumn


SORTS = {
    OrderField.FIRST_NAME: Sort("First name.", SortColumn("u.first_name_sort", str, ABSENT)),
    OrderField.LAST_NAME: Sort("Last name.", SortColumn("u.last_name_sort", str, ABSENT)),
    OrderField.USERNAME: Sort("Username.", SortColumn("u.username_sort", str)),
    OrderField.EMAIL: Sort("E-mail address.", SortColumn("u.email_sort", str, ABSENT)),
    OrderField.STATUS: Sort(
        f"Status. Ascending: {', '.join(STATUS_RANK)}.", SortColumn("u.status_rank", int, largest=len(STATUS_RANK) - 1)
    ),
    OrderField.ROLE: Sort(
        f"Role. Ascending: {', '.join(ROLE_RANK)}.", SortColumn("u.role_rank", int, largest=len(ROLE_RANK) - 1)
    ),
    OrderField.LAST_SIGN_IN_AT: Sort(
        "Time of the last sign-in; null for users that never signed in.",
        SortColumn("u.last_sign_in_sort", datetime, NEVER),
    ),
    OrderField.ADDED_AT: Sort("Time when the user was added.", SortColumn("u.added_at", datetime)),
    OrderField.MODIFIED_AT: Sort("Time of the user's last change.", SortColumn("u.modified_at", datetime)),
    OrderField.PORTAL_NAME: Sort("Name of the user's portal.", SortColumn("p.name_key", str)),
    OrderField.STATUS_CHANGED_AT: Sort(
        "Time when the user entered the status.", SortColumn("u.status_changed_at", datetime)
    ),
    OrderField.KIND: Sort("Kind, in the order of the enum UserKind.", SortColumn("u.kind", str)),
}
"""The sort column of users for each order field."""

Sorting = tuple[tuple[OrderField, bool], ...]
"""The order fields of a list, most important first. True means that the field sorts in descending order."""

BY_NAME: Sorting = ((OrderField.LAST_NAME, False), (OrderField.FIRST_NAME, False))
"""The default order of users: by name."""


@lru_cache(maxsize=256)
def ordering(sorting: Sorting, *, in_portal: bool = False) -> Order:
    """Return the columns by which a list of users is sorted: the fields of `sorting`, then the id.

    - If `sorting` is empty, the fields are those of BY_NAME. If a field occurs twice, its first entry counts.
    - The id sorts in the direction of the first field.
    - `in_portal` says that all users are in one portal, so that PORTAL_NAME is left out.
    """
    sorting = sorting or BY_NAME
    terms: dict[str, SortColumn] = {}
    for field, descending in sorting:
        if not (in_portal and field is OrderField.PORTAL_NAME):
            term = SORTS[field].column
            terms.setdefault(term.column, term._replace(descending=descending))
    return (*terms.values(), SortColumn("u.id", UUID, descending=sorting[0][1]))


def is_in_portal(actor: Actor, query: UserQuery) -> bool:
    """Return whether all users of the list are in one portal, by the query or by the actor's role."""
    return query.portal_id is not None or not actor.is_staff


def is_merged_by_portal(actor: Actor, query: UserQuery) -> bool:
    """Return whether the actor is a technician whose list is merged from branches, one for each assigned portal.

    If so, the list needs no other condition on the portal.
    """
    return not is_in_portal(actor, query) and portal_branches(actor, "u.portal_id") is not None


def listing(actor: Actor, query: UserQuery, sorting: Sorting, *, in_portal: bool) -> Listing[UserRow]:
    """Return the definition of the actor's list of users in the order of `sorting`.

    `in_portal` says that all rows of a page are in one portal. If the list is not one range of an index, it is merged
    from branches: one for each portal, category, or pair of status and role.
    """
    order = ordering(sorting, in_portal=in_portal)
    by_portal = any(term.column.startswith("p.") for term in order)
    source = "portal_user u JOIN portal p ON p.id = u.portal_id" if by_portal else "portal_user u"
    portals = None if in_portal else portal_branches(actor, "u.portal_id")
    groups = _groups(query, order) if portals or in_portal else None
    branches = portals.each(groups) if portals and groups else portals or groups
    if groups and order[0].column in _BY_RANK:  # the columns of the branch, so that a cursor leaves branches out
        order = tuple(term._replace(column=_BRANCH_COLUMNS.get(term.column, term.column)) for term in order)
    return Listing(USER, source, order, branches)


def _groups(query: UserQuery, order: Order) -> Branches | None:
    # The indexes begin with the columns of these branches.
    first = order[0].column
    statuses = [status for status in Status if query.admits(status)]
    if first in _BY_RANK:
        ranks = [(STATUS_RANK[status], role) for status in statuses for role in ROLE_RANK.values()]
        return Branches.of("u", ("status_rank", "role_rank"), ranks or [(-1, -1)])
    if query.category is not None or [term.column for term in order[:2]] == _DEFAULT_COLUMNS:
        return None
    categories = sorted({CATEGORY[status].value for status in statuses})
    return Branches.of("u", ("category",), [(f"'{category}'",) for category in categories or [""]])


_BRANCH_COLUMNS = {"u.status_rank": "b.status_rank", "u.role_rank": "b.role_rank"}
_BY_RANK = {*_BRANCH_COLUMNS, "u.id"}
"""Columns of users. An order that begins with one of them reads the index on portal, status and role."""

_DEFAULT_COLUMNS = ["u.last_name_sort", "u.first_name_sort"]
"""The first columns of the default order of users.

This order can read an index that does not begin with the user's category. All other orders by text need the category.
"""


class _Id(NamedTuple):
    id: UUID


_ID = RowMapper(_Id, PortalUser, "u")


async def ids_of(
    actor: Actor, which: UserQuery, sorting: Sorting, exclude: Sequence[UUID], at: datetime, most: int
) -> list[UUID]:
    """Return the ids of the first `most` selected users that the actor manages, ordered by `sorting`.

    `which` is the selection. Users in `exclude` are left out.
    """
    found = listing(actor, which, sorting, in_portal=is_in_portal(actor, which))
    ids = Listing(_ID, found.source, found.order, found.branches)
    return [row.id for row in (await page(ids, _managed(actor, which, exclude, at), Window(most))).rows]


async def count_of(actor: Actor, which: UserQuery, exclude: Sequence[UUID], at: datetime) -> int:
    """Return how many users of the selection `which` the actor manages. Users in `exclude` are not counted."""
    return await count("portal_user u", _managed(actor, which, exclude, at))


def _managed(actor: Actor, which: UserQuery, exclude: Sequence[UUID], at: datetime) -> Sql:
    excluded = ["NOT (" + is_any_of("u.id", exclude) + ")"] if exclude else []
    return all_of([managed_by(actor), *conditions(which, at), *excluded])
