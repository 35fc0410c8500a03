"""Who is due by the clock, and what is kept no longer. It answers to the operator, for all providers at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.dialect import is_any_of
from models.links import IS_NEWEST, Purpose
from models.outbox import MailState
from models.rows import Shape, cells_of
from models.sql import Sql, fetch, sql, write
from rules.access import Role
from rules.housekeeping import Chore
from rules.lifecycle import Category, Status, StatusReason
from rules.lockout import STAFF_LOCKOUT_THRESHOLD
from rules.mail_kinds import MailKind

FIRST = UUID(int=0)


class Due(NamedTuple):
    """A user who has waited for as long as the portal's policy says; `since` when."""

    id: UUID
    portal_id: UUID
    since: datetime


class DueInPortal(NamedTuple):
    """How many users of a portal are due, how many of them are its admins, and how many enabled admins it has."""

    portal_id: UUID
    users: int
    admins: int
    enabled_admins: int


class Wait(NamedTuple):
    """Whom a chore is about: `policy` is the portal's column that says how long, `since` the user's that says since when."""

    policy: str
    since: str
    whom: Sql


_ENABLED = sql("u.category = ?", Category.ENABLED)
_REACHABLE = "p.is_active AND u.email IS NOT NULL AND u.email_verified_at IS NOT NULL AND "
_UNWARNED = sql(
    "NOT EXISTS (SELECT 1 FROM outbox_mail m WHERE m.user_id = u.id AND m.kind = ? AND m.created_at > u.idle_since)",
    MailKind.IDLE_WARNING,
)
WAITS = {
    Chore.END_LOCKS: Wait(
        "lockout_minutes", "status_changed_at", sql("u.status = ? AND NOT u.locked_for_good", Status.LOCKED_OUT)
    ),
    Chore.SUSPEND_IDLE: Wait("idle_suspend_days", "idle_since", _ENABLED),
    Chore.WARN_IDLE: Wait("idle_suspend_days", "idle_since", _ENABLED + " AND " + _REACHABLE + _UNWARNED),
    Chore.ERASE_DEACTIVATED: Wait(
        "deactivated_retention_days",
        "status_changed_at",
        sql(
            "u.status = ? AND (u.status_reason IS NULL OR u.status_reason <> ?)",
            *(Status.DEACTIVATED, StatusReason.WAITING_FOR_SEAT),
        ),
    ),
}
_SHAPES = {chore: Shape(Due, "u", since=f"u.{wait.since}") for chore, wait in WAITS.items()}


class Litter(NamedTuple):
    """Rows that nobody needs any more: the table as t, its key, and which; each `?` is the instant that they are older than."""

    table: str
    key: str
    which: Sql
    instants: int = 1

    def older_than(self, instant: datetime) -> Sql:
        return self.which + Sql("", (instant,) * self.instants)


_IS_AN_INVITATION = f"t.purpose = '{Purpose.INVITATION}'"
LITTER = {
    Chore.DROP_LINKS: Litter("link_token", "id", sql(f"NOT ({_IS_AN_INVITATION}) AND t.expires_at <= ?")),
    Chore.DROP_INVITATIONS: Litter(
        "link_token",
        "id",
        sql(f"{_IS_AN_INVITATION} AND (t.used_at <= ? OR t.superseded_at <= ?) AND NOT ({IS_NEWEST})"),
        instants=2,
    ),
    Chore.DROP_SESSIONS: Litter("account_session", "id", sql("(t.revoked_at <= ? OR t.expires_at <= ?)"), instants=2),
    Chore.DROP_PREVIEWS: Litter("bulk_operation", "id", sql("t.preview_expires_at <= ?")),
    Chore.DROP_IDEMPOTENCY_KEYS: Litter("idempotency_key", "id", sql("t.created_at <= ?")),
    Chore.DROP_MAILS: Litter(
        "outbox_mail",
        "id",
        sql(f"t.state IN ('{MailState.SENT}', '{MailState.CANCELLED}') AND t.finished_at <= ?"),
    ),
    Chore.DROP_RESET_REQUESTS: Litter("reset_request", "id", sql("t.created_at <= ?")),
    Chore.DROP_MAIL_COUNTS: Litter("recipient_mail", "id", sql("t.at <= ?")),
    # Failures that are a lock's worth stay until a success: a hundred of them close the account for good.
    Chore.DROP_ATTEMPTS: Litter(
        "sign_in_attempts",
        "key",
        sql(f"t.account_id IS NOT NULL AND t.in_a_row < {STAFF_LOCKOUT_THRESHOLD} AND t.last_at <= ?"),
    ),
    Chore.DROP_GUESSES: Litter("sign_in_attempts", "key", sql("t.account_id IS NULL AND t.last_at <= ?")),
    Chore.DROP_SOURCES: Litter("known_source", "id", sql("t.last_at <= ?")),
}


async def policies(chore: Chore) -> list[int]:
    """What the portals' policies say about the chore, each once."""
    column = WAITS[chore].policy
    rows = await fetch(
        Sql(f"SELECT DISTINCT p.{column} FROM portal p WHERE p.{column} IS NOT NULL ORDER BY p.{column}")
    )
    return [int(cells_of(row)[0]) for row in rows]


async def due(
    chore: Chore, policy: int, after: datetime | None, by: datetime, behind: Due | None, limit: int
) -> list[Due]:
    """The next users of portals with that policy who have waited since after `after` and not after `by`; by portal."""
    shape, portal_id, id = _SHAPES[chore], *((behind.portal_id, behind.id) if behind else (FIRST, FIRST))
    query = (
        f"SELECT {shape.columns} FROM portal_user u JOIN portal p ON p.id = u.portal_id WHERE "
        + _waiting(chore, policy, after, by)
        + sql(" AND (u.portal_id, u.id) > (?, ?) ORDER BY u.portal_id, u.id LIMIT ?", portal_id, id, limit)
    )
    return shape.read(await fetch(query))


async def still_due(
    chore: Chore, policy: int, after: datetime | None, by: datetime, portal_id: UUID, ids: Iterable[UUID]
) -> list[Due]:
    """Those among (locked) users of a portal who are due as they are now."""
    shape = _SHAPES[chore]
    query = (
        f"SELECT {shape.columns} FROM portal_user u JOIN portal p ON p.id = u.portal_id WHERE "
        + _waiting(chore, policy, after, by)
        + sql(" AND u.portal_id = ? AND ", portal_id)
        + is_any_of("u.id", ids)
        + " ORDER BY u.id"
    )
    return shape.read(await fetch(query))


async def count_due(chore: Chore, policy: int, after: datetime | None, by: datetime) -> list[DueInPortal]:
    """How many there are, by portal."""
    rows = await fetch(
        sql(
            "SELECT u.portal_id, COUNT(*), SUM(CASE WHEN u.role = ? THEN 1 ELSE 0 END), p.enabled_admins"
            " FROM portal_user u JOIN portal p ON p.id = u.portal_id WHERE ",
            Role.PORTAL_ADMIN,
        )
        + _waiting(chore, policy, after, by)
        + " GROUP BY u.portal_id, p.enabled_admins"
    )
    return [DueInPortal(UUID(str(id)), *map(int, counts)) for id, *counts in map(cells_of, rows)]


async def drop(chore: Chore, instant: datetime, limit: int) -> int:
    """Deletes up to so many of the chore's rows that are older than the instant; how many there were."""
    litter = LITTER[chore]
    some = f"SELECT t.{litter.key} FROM {litter.table} t WHERE " + litter.older_than(instant) + sql(" LIMIT ?", limit)
    gone = f"DELETE FROM {litter.table} WHERE {litter.key} IN (" + some + f") RETURNING {litter.key}"
    return len(await write(gone))


async def count_litter(chore: Chore, instant: datetime) -> int:
    """How many there are."""
    litter = LITTER[chore]
    return await _number(f"SELECT COUNT(*) FROM {litter.table} t WHERE " + litter.older_than(instant))


def _waiting(chore: Chore, policy: int, after: datetime | None, by: datetime) -> Sql:
    wait = WAITS[chore]
    older = sql(f"p.{wait.policy} = ? AND u.{wait.since} <= ? AND (", policy, by)
    newer = sql(f") AND u.{wait.since} > ?", after) if after else sql(")")
    return older + wait.whom + newer


async def _number(query: Sql) -> int:
    return int(cells_of((await fetch(query))[0])[0])
