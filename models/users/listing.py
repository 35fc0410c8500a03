"""Lists of users: their filters, their search and their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from models.db.dialect import contains, is_any_of
from models.db.keyset.pages import Listing, count
from models.db.keyset.spans import Order, SortColumn
from models.db.sql import Sql, all_of, fetch, join, sql
from models.users import invitations
from models.users.lookup import managed_by
from models.users.table import NEVER, ROLE_RANK, STATUS_RANK, USER, UserRow
from rules.access import Actor, Role
from rules.lifecycle.invitations import InvitationState
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Category, Status, StatusReason
from rules.mail.mail_states import LinkMailState
from rules.text import search
from rules.text.folding import ABSENT


@dataclass(frozen=True, slots=True)
class UserConditions:
    """Conditions on users, joined by AND. A field with None is no condition.

    A field with an empty list matches no user.
    """

    portal_id_in: Sequence[UUID] | None = None
    status_in: Sequence[Status] | None = None
    status_reason_in: Sequence[StatusReason] | None = None
    role_in: Sequence[Role] | None = None
    kind: UserKind | None = None
    holds_seat: bool | None = None
    email_verified: bool | None = None
    mfa_enrolled: bool | None = None
    never_signed_in: bool | None = None
    last_sign_in_before: datetime | None = None
    added_after: datetime | None = None
    added_before: datetime | None = None
    invitation_state_in: Sequence[InvitationState] | None = None
    invitation_mail_state_in: Sequence[LinkMailState] | None = None


@dataclass(frozen=True, slots=True)
class UserQuery:
    """A selection of users by filters and search. Lists and bulk actions accept this selection."""

    portal_id: UUID | None = None
    category: Category | None = None
    filter: UserConditions = UserConditions()
    search: str | None = None


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


class Sort(NamedTuple):
    """The column that an order field sorts by, and the description of the field in the schema."""

    description: str
    column: SortColumn


SORTS = {
    OrderField.FIRST_NAME: Sort(
        "First name. Users without one come last.", SortColumn("u.first_name_sort", str, ABSENT)
    ),
    OrderField.LAST_NAME: Sort("Last name. Users without one come last.", SortColumn("u.last_name_sort", str, ABSENT)),
    OrderField.USERNAME: Sort("Username.", SortColumn("u.username_sort", str)),
    OrderField.EMAIL: Sort("E-mail address. Users without one come last.", SortColumn("u.email_sort", str, ABSENT)),
    OrderField.STATUS: Sort(
        "Status, in the order of the enum UserStatus.", SortColumn("u.status_rank", int, largest=len(STATUS_RANK) - 1)
    ),
    OrderField.ROLE: Sort(
        "Role, in the order of the enum PortalRole.", SortColumn("u.role_rank", int, largest=len(ROLE_RANK) - 1)
    ),
    OrderField.LAST_SIGN_IN_AT: Sort(
        "Time of the last sign-in. Users that never signed in come last in both directions.",
        SortColumn("u.last_sign_in_sort", datetime, NEVER),
    ),
    OrderField.ADDED_AT: Sort("Time when the user was added.", SortColumn("u.added_at", datetime)),
    OrderField.MODIFIED_AT: Sort("Time of the user's last change.", SortColumn("u.modified_at", datetime)),
    OrderField.PORTAL_NAME: Sort("Name of the user's portal.", SortColumn("p.name_key", str)),
}
"""The sort column of users for each order field."""

Sorting = tuple[tuple[OrderField, bool], ...]
"""The order fields of a list, first the most important. True means that the field sorts in descending order."""

BY_NAME: Sorting = ((OrderField.LAST_NAME, False), (OrderField.FIRST_NAME, False))
"""The default order of users: by name."""


def ordering(sorting: Sorting) -> Order:
    """Return the order for `sorting`. The id is added as the last column, in the direction of the first field.

    If a field is mentioned again, the later mentions are ignored.
    """
    sorting = sorting or BY_NAME
    terms: dict[str, SortColumn] = {}
    for field, descending in sorting:
        term = SORTS[field].column
        terms.setdefault(term.column, replace(term, descending=descending))
    return (*terms.values(), SortColumn("u.id", UUID, descending=sorting[0][1]))


def listing(sorting: Sorting) -> Listing[UserRow]:
    """Return the definition of the user list in this order. Pages are read from the definition."""
    order = ordering(sorting)
    by_portal = any(term.column.startswith("p.") for term in order)
    source = "portal_user u JOIN portal p ON p.id = u.portal_id" if by_portal else "portal_user u"
    return Listing(USER, source, order)


def conditions(which: UserQuery, at: datetime) -> list[Sql]:
    """Return the SQL conditions that a user (alias u) is in the selection `which` at `at`.

    The conditions do not check whether the actor may see the user.
    """
    states = which.filter.invitation_state_in
    invited = [] if states is None else [invitations.newest_is(states, at)]
    mail_states = which.filter.invitation_mail_state_in
    if mail_states is not None:
        invited.append(invitations.newest_mail_is(mail_states))
    return [*_where(which), *_filtered(which.filter), *invited]


def _where(which: UserQuery) -> list[Sql]:
    found: list[Sql] = []
    if which.portal_id is not None:
        found.append(sql("u.portal_id = ?", which.portal_id))
    if which.category is not None:
        found.append(sql("u.category = ?", which.category))
    return [*found, *_searched(which.search)]


def _searched(text: str | None) -> list[Sql]:
    """Return the SQL conditions that a search for the text finds a user (alias u)."""
    wanted = search.of_users(text)
    if wanted.logins:
        keys = ("u.email_key", "u.username_key", "u.pending_email_key")
        return [join(" OR ", (is_any_of(key, wanted.logins) for key in keys))]
    found = [contains("u.search_text", word) for word in wanted.words]
    return [sql("u.id = ? OR ", wanted.id) + all_of(found)] if wanted.id else found


def _filtered(f: UserConditions) -> list[Sql]:
    found = [
        is_any_of(column, values)
        for column, values in (
            ("u.portal_id", f.portal_id_in),
            ("u.status", f.status_in),
            ("u.status_reason", f.status_reason_in),
            ("u.role", f.role_in),
        )
        if values is not None
    ]
    found += [
        sql(f"{column} = ?", value)
        for column, value in (("u.kind", f.kind), ("u.holds_seat", f.holds_seat), ("u.mfa_enrolled", f.mfa_enrolled))
        if value is not None
    ]
    found += [
        Sql(f"{column} IS {'NOT NULL' if wanted else 'NULL'}")
        for column, wanted in (
            ("u.email_verified_at", f.email_verified),
            ("u.last_sign_in_at", None if f.never_signed_in is None else not f.never_signed_in),
        )
        if wanted is not None
    ]
    found += [
        sql(f"{column} {sign} ?", instant)
        for column, sign, instant in (
            ("u.last_sign_in_at", "<", f.last_sign_in_before),
            ("u.added_at", ">=", f.added_after),
            ("u.added_at", "<", f.added_before),
        )
        if instant is not None
    ]
    return found


def portals_among(ids: Sequence[UUID]) -> Sql:
    """Return the SQL condition that a user (alias u) belongs to one of the portals."""
    return is_any_of("u.portal_id", ids)


async def ids_of(
    actor: Actor, which: UserQuery, sorting: Sorting, exclude: Sequence[UUID], at: datetime, most: int
) -> list[UUID]:
    """Return the ids of the selected users that the actor manages, in the order of `sorting`.

    At most `most` ids are returned.
    """
    found = listing(sorting)
    order = ", ".join(term.ordered for term in found.order)
    rows = await fetch(
        f"SELECT u.id FROM {found.source} WHERE "
        + _managed(actor, which, exclude, at)
        + f" ORDER BY {order} LIMIT {most}"
    )
    return [UUID(str(row["id"])) for row in rows]


async def count_of(actor: Actor, which: UserQuery, exclude: Sequence[UUID], at: datetime) -> int:
    """Return the number of the selected users that the actor manages."""
    return await count("portal_user u", _managed(actor, which, exclude, at))


def _managed(actor: Actor, which: UserQuery, exclude: Sequence[UUID], at: datetime) -> Sql:
    excluded = ["NOT (" + is_any_of("u.id", exclude) + ")"] if exclude else []
    return all_of([managed_by(actor), *conditions(which, at), *excluded])
