"""Users who are due by the clock, and rows that are kept no longer; for the operator, over all providers at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.dialect import is_any_of
from models.links import IS_NEWEST, Purpose
from models.outbox import MailState
from models.portals import PortalRow
from models.rows import Shape, cells_of
from models.sql import Sql, fetch, sql, write
from rules.access import Role
from rules.housekeeping import WARNED_BEFORE, Task, waiting_since
from rules.licenses import SeatMode
from rules.lifecycle import Category, Status, StatusReason
from rules.lockout import STAFF_LOCKOUT_THRESHOLD

FIRST = UUID(int=0)


class Due(NamedTuple):
    """A user who is due; `since` when the user has waited."""

    id: UUID
    portal_id: UUID
    since: datetime


class DueInPortal(NamedTuple):
    """How many users of a portal are due, how many of them are its admins, and how many enabled admins it has."""

    portal_id: UUID
    users: int
    admins: int
    enabled_admins: int


class DueRule(NamedTuple):
    """Which users u of portals p a task is about: `policy` is the portal's column that says how long, `since` the user's
    column that says since when. Without a policy `which` says it all."""

    policy: str | None
    since: str
    which: Sql


_ENABLED = sql("p.is_active AND u.category = ?", Category.ENABLED)
DUE = {
    Task.END_LOCKS: DueRule(
        "lockout_minutes", "status_changed_at", sql("u.status = ? AND NOT u.locked_for_good", Status.LOCKED_OUT)
    ),
    Task.SUSPEND_IDLE: DueRule("idle_suspend_days", "idle_since", _ENABLED),
    Task.WARN_IDLE: DueRule("idle_suspend_days", "idle_since", _ENABLED + " AND u.idle_warned_at IS NULL"),
    Task.RELEASE_SEATS: DueRule(
        None,
        "status_changed_at",
        sql("p.seat_mode = ? AND u.status = ? AND u.holds_seat = ?", SeatMode.ON_INVITE, Status.PROVISIONED, True),
    ),
    Task.ERASE_DEACTIVATED: DueRule(
        "deactivated_retention_days",
        "status_changed_at",
        sql(
            "u.status = ? AND (u.status_reason IS NULL OR u.status_reason <> ?)",
            *(Status.DEACTIVATED, StatusReason.WAITING_FOR_SEAT),
        ),
    ),
}
_SHAPES = {task: Shape(Due, "u", since=f"u.{rule.since}") for task, rule in DUE.items()}

WITHOUT_POLICY = 0
"""Stands for the policy of a task that has none."""


class ExpiredRows(NamedTuple):
    """Rows that are kept no longer: the table as t, its key, and which; each `?` is the instant that they are older than.

    `children` are tables and their columns that refer to the rows: what would go with them by cascade.
    """

    table: str
    key: str
    which: Sql
    instants: int = 1
    children: tuple[tuple[str, str], ...] = ()

    def older_than(self, instant: datetime) -> Sql:
        return self.which + Sql("", (instant,) * self.instants)


_IS_AN_INVITATION = f"t.purpose = '{Purpose.INVITATION}'"
_OF_A_LINK = (("outbox_mail", "link_id"),)
_OF_AN_OPERATION = tuple((table, "operation_id") for table in ("idempotency_key", "operation_portal", "bulk_outcome"))
EXPIRED = {
    Task.DROP_IDEMPOTENCY_KEYS: ExpiredRows("idempotency_key", "id", sql("t.created_at <= ?")),
    Task.DROP_MAILS: ExpiredRows(
        "outbox_mail", "id", sql(f"t.state IN ('{MailState.SENT}', '{MailState.CANCELLED}') AND t.finished_at <= ?")
    ),
    Task.DROP_DEAD_MAILS: ExpiredRows(
        "outbox_mail", "id", sql(f"t.state = '{MailState.DEAD}' AND COALESCE(t.finished_at, t.due_at) <= ?")
    ),
    Task.DROP_UNSENT_MAILS: ExpiredRows("outbox_mail", "id", sql(f"t.state = '{MailState.QUEUED}' AND t.due_at <= ?")),
    Task.DROP_RESET_REQUESTS: ExpiredRows("reset_request", "id", sql("t.created_at <= ?")),
    Task.DROP_MAIL_COUNTS: ExpiredRows("recipient_mail", "id", sql("t.at <= ?")),
    Task.DROP_LINKS: ExpiredRows(
        "link_token", "id", sql(f"NOT ({_IS_AN_INVITATION}) AND t.expires_at <= ?"), children=_OF_A_LINK
    ),
    Task.DROP_INVITATIONS: ExpiredRows(
        "link_token",
        "id",
        sql(f"{_IS_AN_INVITATION} AND (t.used_at <= ? OR t.superseded_at <= ?) AND NOT ({IS_NEWEST})"),
        instants=2,
        children=_OF_A_LINK,
    ),
    Task.DROP_SESSIONS: ExpiredRows(
        "account_session", "id", sql("(t.revoked_at <= ? OR t.expires_at <= ?)"), instants=2
    ),
    Task.DROP_PREVIEWS: ExpiredRows(
        "bulk_operation", "id", sql("t.preview_expires_at <= ?"), children=_OF_AN_OPERATION
    ),
    Task.DROP_OPERATIONS: ExpiredRows(
        "bulk_operation",
        "id",
        sql("t.preview_expires_at IS NULL AND t.finished_at <= ?"),
        children=_OF_AN_OPERATION,
    ),
    # Failures that are a lock's worth stay until a success: a hundred of them close the account for good.
    Task.DROP_ATTEMPTS: ExpiredRows(
        "sign_in_attempts",
        "key",
        sql(f"t.account_id IS NOT NULL AND t.in_a_row < {STAFF_LOCKOUT_THRESHOLD} AND t.last_at <= ?"),
    ),
    Task.DROP_GUESSES: ExpiredRows("sign_in_attempts", "key", sql("t.account_id IS NULL AND t.last_at <= ?")),
    Task.DROP_SOURCES: ExpiredRows("known_source", "id", sql("t.last_at <= ?")),
    Task.DROP_LIMITED_TRIES: ExpiredRows("limited_tries", "key", sql("t.ends_at <= ?")),
}


async def policies(task: Task) -> list[int]:
    """Return what the portals' policies say about the task, each once."""
    column = DUE[task].policy
    if column is None:
        return [WITHOUT_POLICY]
    rows = await fetch(
        Sql(f"SELECT DISTINCT p.{column} FROM portal p WHERE p.{column} IS NOT NULL ORDER BY p.{column}")
    )
    return [int(cells_of(row)[0]) for row in rows]


def policy_of(task: Task, portal: PortalRow) -> int | None:
    """Return what the portal's policy says about the task; None where it is never done."""
    column = DUE[task].policy
    policy: int | None = getattr(portal, column) if column else WITHOUT_POLICY
    return policy


async def due(task: Task, policy: int, at: datetime, behind: Due | None, limit: int) -> list[Due]:
    """Return the next users of portals with that policy who are due at `at`, by portal."""
    shape, portal_id, id = _SHAPES[task], *((behind.portal_id, behind.id) if behind else (FIRST, FIRST))
    query = (
        f"SELECT {shape.columns} FROM portal_user u JOIN portal p ON p.id = u.portal_id WHERE "
        + _is_due(task, policy, at)
        + sql(" AND (u.portal_id, u.id) > (?, ?) ORDER BY u.portal_id, u.id LIMIT ?", portal_id, id, limit)
    )
    return shape.read(await fetch(query))


async def still_due(task: Task, policy: int, at: datetime, portal_id: UUID, ids: Iterable[UUID]) -> list[Due]:
    """Return those among (locked) users of a portal who are due as they are now."""
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
    """Return how many there are, by portal."""
    rows = await fetch(
        sql(
            "SELECT u.portal_id, COUNT(*), SUM(CASE WHEN u.role = ? THEN 1 ELSE 0 END), p.enabled_admins"
            " FROM portal_user u JOIN portal p ON p.id = u.portal_id WHERE ",
            Role.PORTAL_ADMIN,
        )
        + _is_due(task, policy, at)
        + " GROUP BY u.portal_id, p.enabled_admins"
    )
    return [DueInPortal(UUID(str(id)), *map(int, counts)) for id, *counts in map(cells_of, rows)]


async def forget_warnings(limit: int) -> int:
    """Take back up to `limit` warnings of idleness of users in inactive portals; return how many."""
    some = sql(
        "SELECT u.id FROM portal p JOIN portal_user u ON u.portal_id = p.id"
        " WHERE p.is_active = ? AND u.idle_warned_at IS NOT NULL ORDER BY u.id LIMIT ?",
        *(False, limit),
    )
    return len(await write("UPDATE portal_user SET idle_warned_at = NULL WHERE id IN (" + some + ") RETURNING id"))


async def drop_children(task: Task, instant: datetime, limit: int) -> int:
    """Delete up to `limit` rows that refer to expired ones; return how many."""
    rows = EXPIRED[task]
    for table, column in rows.children:
        some = (
            f"SELECT c.id FROM {table} c JOIN {rows.table} t ON t.{rows.key} = c.{column} WHERE "
            + rows.older_than(instant)
            + sql(" LIMIT ?", limit)
        )
        if gone := len(await write(f"DELETE FROM {table} WHERE id IN (" + some + ") RETURNING id")):
            return gone
    return 0


async def drop(task: Task, instant: datetime, limit: int) -> int:
    """Delete up to `limit` of the task's rows that are older than the instant; return how many."""
    rows = EXPIRED[task]
    some = f"SELECT t.{rows.key} FROM {rows.table} t WHERE " + rows.older_than(instant) + sql(" LIMIT ?", limit)
    gone = f"DELETE FROM {rows.table} WHERE {rows.key} IN (" + some + f") RETURNING {rows.key}"
    return len(await write(gone))


async def count_expired(task: Task, instant: datetime) -> int:
    """Return how many there are."""
    rows = EXPIRED[task]
    found = await fetch(f"SELECT COUNT(*) FROM {rows.table} t WHERE " + rows.older_than(instant))
    return int(cells_of(found[0])[0])


def _is_due(task: Task, policy: int, at: datetime) -> Sql:
    """The condition that a user u of a portal p is due at `at`."""
    rule = DUE[task]
    condition = "(" + rule.which + ")"
    if rule.policy is not None:
        condition += sql(f" AND p.{rule.policy} = ? AND u.{rule.since} <= ?", policy, waiting_since(task, policy, at))
    if task is Task.SUSPEND_IDLE:
        condition += sql(" AND u.idle_warned_at <= ?", at - WARNED_BEFORE)
    if task is Task.RELEASE_SEATS:
        condition += sql(
            " AND EXISTS (SELECT 1 FROM link_token t WHERE t.user_id = u.id AND t.purpose = ? AND t.expires_at <= ?"
            f" AND {IS_NEWEST})",
            *(Purpose.INVITATION, at),
        )
    return condition
