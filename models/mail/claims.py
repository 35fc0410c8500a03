"""Leases of queued mails: each mail is sent by one worker at a time, which may stop at any moment."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.db.dialect import locked_unless_taken
from models.db.rows import RowMapper, cells_of
from models.db.sql import Sql, fetch, sql, write
from models.links.table import LINK, LinkRow
from models.mail import queue_places
from models.mail.table import MAIL, MailRow, MailState, OutboxMail
from rules.mail.kinds import MailKind

MOST_REJOINED = 100
"""Waiting mails that become ready in one claim, so that a claim costs the same however many are due."""


class Claimed(NamedTuple):
    """A mail that one worker holds, with what its letter tells; without a portal, `portal` is the provider's name.
    `actor` is the name of the admin who caused it."""

    mail: MailRow
    link: LinkRow | None
    first_name: str | None
    last_name: str | None
    portal: str
    support_contact: str | None
    actor: str | None


class WaitingRow(NamedTuple):
    id: UUID
    portal_id: UUID | None
    kind: MailKind


WAITING = RowMapper(WaitingRow, OutboxMail, "b")


async def is_any_due(at: datetime) -> bool:
    """Return whether there is a mail to claim."""
    return bool(
        await fetch(
            # No EXISTS: PostgreSQL drops the order inside it, and then may read the whole table.
            "SELECT 1 WHERE (" + first_in_line() + ") IS NOT NULL OR (" + waiting(at, 1, "b.id") + ") IS NOT NULL"
        )
    )


async def claim(lease: UUID, at: datetime, until: datetime) -> Claimed | None:
    """Lease the mail at the front of the queue and count the attempt; of two claims at once, each gets another mail.

    Mails whose wait is over get a place first. The leased mail waits until `until`: then it is claimed again.
    """
    await _rejoin(at)
    # Materialized: planned as a join, the query for one row could run again and lock another.
    taken = await write(
        "WITH first AS MATERIALIZED ("
        + locked_unless_taken(first_in_line(), "b")
        + sql(
            ") UPDATE outbox_mail SET lease = ?, due_at = ?, queue_place = NULL, attempts = attempts + 1", lease, until
        )
        + " WHERE id IN (SELECT id FROM first) RETURNING id"
    )
    return await _held(taken[0]["id"]) if taken else None


async def renew(mail: MailRow, until: datetime) -> bool:
    """Prolong a claimed mail's lease; return False when the mail is gone or another worker's by now."""
    return bool(
        await write(
            sql(
                "UPDATE outbox_mail SET due_at = ?, queue_place = NULL WHERE id = ? AND lease = ? AND state = ?"
                " RETURNING id",
                until,
                mail.id,
                mail.lease,
                MailState.QUEUED,
            )
        )
    )


async def store_result(
    mail: MailRow, state: MailState, problem: str | None, *, due_at: datetime, finished_at: datetime | None
) -> bool:
    """Write a claimed mail's result and end the lease; return False when the mail is gone or another worker's by now."""
    return bool(
        await write(
            sql(
                "UPDATE outbox_mail SET state = ?, problem = ?, due_at = ?, finished_at = ?, lease = NULL, queue_place = NULL"
                " WHERE id = ? AND lease = ? AND state = ? RETURNING id",
                state,
                problem,
                due_at,
                finished_at,
                mail.id,
                mail.lease,
                MailState.QUEUED,
            )
        )
    )


def first_in_line() -> Sql:
    """Return the query for the mail that is sent next."""
    return sql("SELECT b.id FROM outbox_mail b WHERE b.queue_place IS NOT NULL ORDER BY b.queue_place, b.id LIMIT 1")


def waiting(at: datetime, most: int = MOST_REJOINED, columns: str = "b.id, b.portal_id, b.kind") -> Sql:
    """Return the query for up to `most` mails whose wait is over, the longest due first."""
    # Ordered by the place as well, though it is NULL: else PostgreSQL would sort instead of reading the index in order.
    return sql(
        f"SELECT {columns} FROM outbox_mail b WHERE b.state = ? AND b.queue_place IS NULL AND b.due_at <= ?"
        " ORDER BY b.queue_place, b.due_at LIMIT ?",
        MailState.QUEUED,
        at,
        most,
    )


async def _rejoin(at: datetime) -> None:
    """Give a place to mails whose wait is over."""
    rows = WAITING.read(await fetch(locked_unless_taken(waiting(at), "b")))
    if not rows:
        return
    places = await queue_places.behind([(row.portal_id, row.kind) for row in rows])
    await queue_places.give([row.id for row in rows], places)


_ACTOR = (
    "COALESCE(sa.name, NULLIF(TRIM(COALESCE(ua.first_name, '') || ' ' || COALESCE(ua.last_name, '')), ''),"
    " ua.email, ua.username)"
)
"""The name of the admin who caused the mail, as the API shows it; NULL without one, or when the account is gone."""


async def _held(id: UUID) -> Claimed:
    records = await fetch(
        f"SELECT {MAIL.columns}, COALESCE(s.name, u.first_name), u.last_name, COALESCE(p.name, m.name),"
        f" p.support_contact, {_ACTOR}, {LINK.columns} FROM outbox_mail b"
        " LEFT JOIN portal_user u ON u.id = b.user_id LEFT JOIN portal p ON p.id = b.portal_id"
        " LEFT JOIN staff_member s ON s.id = b.staff_id LEFT JOIN mssp m ON m.id = s.mssp_id"
        " LEFT JOIN staff_member sa ON sa.id = b.actor_id LEFT JOIN portal_user ua ON ua.id = b.actor_id"
        " LEFT JOIN link_token t ON t.id = b.link_id WHERE " + sql("b.id = ?", id)
    )
    (mail,) = MAIL.read(records)
    first_name, last_name, portal, support_contact, actor = cells_of(records[0])[len(MAIL) : len(MAIL) + 5]
    link = LINK.read(records, start=len(MAIL) + 5)[0] if mail.link_id else None
    return Claimed(mail, link, first_name, last_name, portal, support_contact, actor)
