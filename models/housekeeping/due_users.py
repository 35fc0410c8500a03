"""Find the users who are due for a housekeeping task, in the portals of all providers.

A user is due when a waiting time has passed. Usually the portal's policy sets the length of this time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.rows import RowMapper, cells_of
from models.db.sql import Sql, fetch, sql, write
from models.links.table import IS_NEWEST
from models.portals.table import PortalRow
from models.users.table import PortalUser
from rules.access import Role
from rules.auth.link_purposes import Purpose
from rules.housekeeping import WARNED_BEFORE, Task, waiting_since
from rules.lifecycle.licenses import SeatMode
from rules.lifecycle.statuses import Category, Status, StatusReason

FIRST = UUID(int=0)


class Due(NamedTuple):
    """A user who is due for a task. `since` is when the user's waiting time began, for example `idle_since`."""

    id: UUID
    portal_id: UUID
    since: datetime


class DueInPortal(NamedTuple):
    """How many users of a portal are due for a housekeeping task, and how many of them are admins.

    - `users`: all users of the portal who are due.
    - `admins`: the due admins whose access to the portal is not closed.
    - `enabled_admins`: all enabled admins of the portal, due or not.
    """

    portal_id: UUID
    users: int
    admins: int
    enabled_admins: int


class DueRule(NamedTuple):
    """Which users (alias u) of which portals (alias p) are due for a task.

    - `policy`: the portal's column with the length of the waiting time. None if portals cannot set this length.
    - `since`: the user's column with the start of the waiting time.
    - `which`: a further SQL condition on the user and the portal.
    """

    policy: str | None
    since: str
    which: Sql


# SQL literals, because a partial index does not match parameters.
_ENABLED = Sql(f"p.is_active AND u.category = '{Category.ENABLED}'")
DUE = {
    Task.END_LOCKS: DueRule(
        "lockout_minutes", "status_changed_at", Sql(f"u.status = '{Status.LOCKED_OUT}' AND NOT u.locked_for_good")
    ),
    Task.SUSPEND_IDLE: DueRule("idle_suspend_days", "idle_since", _ENABLED),
    Task.WARN_IDLE: DueRule("idle_suspend_days", "idle_since", _ENABLED + " AND u.idle_warned_at IS NULL"),
    Task.RELEASE_SEATS: DueRule(
        None,
        "status_changed_at",
        sql(f"p.seat_mode = ? AND u.status = '{Status.PROVISIONED}' AND u.holds_seat = ?", SeatMode.ON_INVITE, True),
    ),
    Task.ERASE_DEACTIVATED: DueRule(
        "deactivated_retention_days",
        "status_changed_at",
        sql(
            f"u.status = '{Status.DEACTIVATED}' AND (u.status_reason IS NULL OR u.status_reason <> ?)",
            StatusReason.WAITING_FOR_SEAT,
        ),
    ),
}
_SHAPES = {task: RowMapper(Due, PortalUser, "u", since=f"u.{rule.since}") for task, rule in DUE.items()}

WITHOUT_POLICY = 0
"""The value of `policy` for a task without a policy column."""


async def policy_values(task: Task) -> list[int]:
    """Return the waiting times that portals have set for the task, each once, such as `[30, 90]`.

    Return `[WITHOUT_POLICY]` if portals cannot set the waiting time.
    """
    column = DUE[task].policy
    if column is None:
        return [WITHOUT_POLICY]
    rows = await fetch(
        Sql(f"SELECT DISTINCT p.{column} FROM portal p WHERE p.{column} IS NOT NULL ORDER BY p.{column}")
    )
    return [int(cells_of(row)[0]) for row in rows]


def policy_value(task: Task, portal: PortalRow) -> int | None:
    """Return the waiting time that the portal has set for the task, or None if the portal has turned the task off.

    Return WITHOUT_POLICY if portals cannot set the waiting time.
    """
    column = DUE[task].policy
    policy: int | None = getattr(portal, column) if column else WITHOUT_POLICY
    return policy


async def due(task: Task, policy: int, at: datetime, after: Due | None, limit: int) -> list[Due]:
    """Return at most `limit` users who are due for the task at `at`, in portals with the waiting time `policy`.

    The users are ordered by portal, then by the start of the waiting time. `after` is the last user of the previous
    call, or None in the first call. The function runs two statements for each portal with due users.
    """
    found, portal_id = list[Due](), FIRST
    if after:
        portal_id = after.portal_id
        further = sql(f" AND (u.{DUE[task].since}, u.id) > (?, ?)", after.since, after.id)
        found = await _due_in(portal_id, _is_due(task, policy, at) + further, task, limit)
    while len(found) < limit and (next := await _next_portal(portal_id, _is_due(task, policy, at))):
        portal_id = next
        found += await _due_in(portal_id, _is_due(task, policy, at), task, limit - len(found))
    return found


async def _next_portal(after: UUID, are_due: Sql) -> UUID | None:
    one = "(SELECT u.id FROM portal_user u WHERE u.portal_id = p.id AND " + are_due + " LIMIT 1)"
    query = sql("SELECT p.id FROM portal p WHERE p.id > ? AND ", after) + one + " IS NOT NULL ORDER BY p.id LIMIT 1"
    rows = await fetch(query)
    return UUID(str(rows[0]["id"])) if rows else None


async def _due_in(portal_id: UUID, are_due: Sql, task: Task, limit: int) -> list[Due]:
    query = (
        f"SELECT {_SHAPES[task].columns} FROM portal_user u JOIN portal p ON p.id = u.portal_id WHERE "
        + sql("u.portal_id = ? AND ", portal_id)
        + are_due
        + sql(f" ORDER BY u.{DUE[task].since}, u.id LIMIT ?", limit)
    )
    return _SHAPES[task].read(await fetch(query))


async def still_due(task: Task, policy: int, at: datetime, portal_id: UUID, ids: Iterable[UUID]) -> list[Due]:
    """Return the users of `ids` who are in the portal and still due at `at`. Requires the users to be locked."""
    shape = _SHAPES[task]
    query = (
        f"SELECT {shape.columns} FROM portal_user u JOIN portal p ON p.id = u.portal_id WHERE "
        + _is_due(task, policy, at)
        + sql(" AND u.portal_id = ? AND ", portal_id)
        + is_any_of("u.id", ids)
        + " ORDER BY u.id"
    )
    return shape.read(await fetch(query))


async def count_due(task: Task, policy: int, at: datetime) -> list[DueInPortal]:
    """Count the users who are due for the task, and return a DueInPortal for each portal that has any.

    Only portals are searched whose policy sets the task's waiting time to `policy`.
    """
    rows = await fetch(
        sql(
            "SELECT u.portal_id, COUNT(*), SUM(CASE WHEN u.role = ? AND u.portal_access THEN 1 ELSE 0 END),"
            " p.enabled_admins"
            " FROM portal_user u JOIN portal p ON p.id = u.portal_id WHERE ",
            Role.PORTAL_ADMIN,
        )
        + _is_due(task, policy, at)
        + " GROUP BY u.portal_id, p.enabled_admins"
    )
    return [DueInPortal(UUID(str(portal_id)), *map(int, counts)) for portal_id, *counts in map(cells_of, rows)]


async def forget_warnings(limit: int) -> int:
    """Delete the idle warnings of at most `limit` users of inactive portals. Return the number of deleted warnings."""
    some = sql(
        "SELECT u.id FROM portal p CROSS JOIN portal_user u"
        " WHERE u.portal_id = p.id AND p.is_active = ? AND u.idle_warned_at IS NOT NULL ORDER BY u.id LIMIT ?",
        False,
        limit,
    )
    return len(await write("UPDATE portal_user SET idle_warned_at = NULL WHERE id IN (" + some + ") RETURNING id"))


def suspended_after_notice(policy: int, at: datetime) -> Sql:
    """Return the SQL condition that a user (alias u) who stays idle will be suspended WARNED_BEFORE after `at`.

    `policy` is the portal's idle_suspend_days. The condition does not check whether the user has been warned.
    """
    since = waiting_since(Task.SUSPEND_IDLE, policy, at + WARNED_BEFORE)
    return "(" + DUE[Task.SUSPEND_IDLE].which + sql(f") AND u.{DUE[Task.SUSPEND_IDLE].since} <= ?", since)


def due_under(task: Task, policy: int, at: datetime) -> Sql:
    """Return the SQL condition that a user (alias u) would be due at `at` with the waiting time `policy`.

    The portal (alias p) can have another waiting time now: the preview of a change of policy passes the new one.
    """
    rule = DUE[task]
    condition = "(" + rule.which + ")"
    if rule.policy is not None:
        condition += sql(f" AND u.{rule.since} <= ?", waiting_since(task, policy, at))
    if task is Task.SUSPEND_IDLE:
        condition += sql(" AND u.idle_warned_at <= ?", at - WARNED_BEFORE)
    if task is Task.RELEASE_SEATS:
        condition += sql(
            " AND EXISTS (SELECT 1 FROM link_token t WHERE t.user_id = u.id AND t.purpose = ? AND t.expires_at <= ?"
            f" AND {IS_NEWEST})",
            Purpose.INVITATION,
            at,
        )
    return condition


def _is_due(task: Task, policy: int, at: datetime) -> Sql:
    column = DUE[task].policy
    under = due_under(task, policy, at)
    return under if column is None else under + sql(f" AND p.{column} = ?", policy)
