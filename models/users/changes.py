"""Update and delete users. Callers must adjust the portals' counters themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.rows import RowMapper
from models.db.sql import sql, write
from models.db.writes import update_rows
from models.users.folded_columns import FOLDED, folded
from models.users.table import PortalUser, UserRow
from rules.access import Role
from rules.lifecycle.statuses import Category, Status, StatusReason
from rules.text.search import search_text


async def edit(user: UserRow, changed: Mapping[str, Any], at: datetime) -> None:
    """Write new values of the user's columns, and the normalized copies (`folded`) of names and addresses.

    `changed` maps columns to values. Requires the user to be locked.
    """
    columns = {**changed, **folded(**{name: changed.get(name, getattr(user, name)) for name in FOLDED})}
    assigned = ", ".join(f"{name} = ?" for name in columns)
    await write(
        sql(
            f"UPDATE portal_user SET {assigned}, modified_at = ?, version = version + 1 WHERE id = ?",
            *columns.values(),
            at,
            user.id,
        )
    )


async def clear_pending_email(users: Sequence[UserRow], at: datetime) -> None:
    """Delete the pending e-mail addresses of the users, in one statement. Requires the users to be locked."""
    rows = [
        {
            "id": user.id,
            "search_text": search_text(user.first_name, user.last_name, user.username, user.email),
            "modified_at": at,
            "pending_email_is_own": False,
        }
        for user in users
    ]
    names = ("pending_email", "pending_email_key", "pending_email_is_own", "search_text", "modified_at")
    await update_rows(PortalUser, names, rows, computed={"version": "portal_user.version + 1"})


class StatusChange(NamedTuple):
    """The new values of one user's columns after an action or an event.

    `idle_since` is the start of a new idle period, or None if the present one continues.
    """

    id: UUID
    status: Status
    status_reason: StatusReason | None
    resume_status: Status | None
    resume_reason: StatusReason | None
    category: Category
    status_rank: int
    role: Role
    role_rank: int
    holds_seat: bool
    locked_for_good: bool
    mfa_enrolled: bool
    reset_mailed_at: datetime | None
    verification_mailed_at: datetime | None
    idle_since: datetime | None
    status_changed_at: datetime
    modified_at: datetime
    version: int


STATUS_CHANGE = RowMapper(StatusChange, PortalUser)


async def update_status(changes: Sequence[StatusChange]) -> None:
    """Write the status changes in one statement. Requires the users to be locked.

    A change that starts a new idle period also deletes the idle warning.
    """
    await STATUS_CHANGE.update(
        changes,
        computed={
            "idle_since": "COALESCE(v.idle_since, portal_user.idle_since)",
            "idle_warned_at": "CASE WHEN v.idle_since IS NULL THEN portal_user.idle_warned_at END",
        },
    )


class AccessColumns(NamedTuple):
    """The new values of the columns that change with a user's access."""

    id: UUID
    portal_access: bool
    all_sub_accounts: bool
    modified_at: datetime
    version: int


ACCESS_COLUMNS = RowMapper(AccessColumns, PortalUser)


async def update_access(changes: Sequence[AccessColumns]) -> None:
    """Write the changes of users' access in one statement. Requires the users to be locked."""
    await ACCESS_COLUMNS.update(changes)


async def erase(user_ids: list[UUID]) -> None:
    """Delete the users. The database also deletes all rows that refer to the users (K32)."""
    await write("DELETE FROM portal_user WHERE " + is_any_of("id", user_ids))
