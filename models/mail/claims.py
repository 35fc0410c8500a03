"""Claims of queued mails: a worker takes a lease on a mail, so that no other worker sends it.

If the worker crashes, another worker can claim the mail when the lease has ended.
"""

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
"""The maximum number of waiting mails to which one claim gives a queue place. The limit bounds the cost of a claim."""


class Claimed(NamedTuple):
    """A mail that a worker has claimed, with the names that its text needs.

    - `portal`: the name of the portal, or of the provider if the mail has no portal.
    - `actor`: the name of the admin who caused the mail, or None.
    """

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
    """Return whether a mail is ready to be sent at `at`."""
    return bool(
        await fetch(
            # Not EXISTS: PostgreSQL ignores ORDER BY inside EXISTS and might then read the whole table.
            "SELECT 1 WHERE (" + first_in_queue() + ") IS NOT NULL OR (" + waiting(at, 1, "b.id") + ") IS NOT NULL"
        )
    )


async def claim(lease: UUID, at: datetime, until: datetime) -> Claimed | None:
    """Claim the first mail of the queue until `until`, and count an attempt. Return None if no mail is due.

    Concurrent calls claim different mails. After `until`, another call can claim the mail.
    """
    await _rejoin(at)  # mails that have waited long enough get a place in the queue
    # MATERIALIZED: if PostgreSQL planned a join, the subquery could run twice and lock a second row.
    taken = await write(
        "WITH first AS MATERIALIZED ("
        + locked_unless_taken(first_in_queue(), "b")
        + sql(
            ") UPDATE outbox_mail SET lease = ?, due_at = ?, queue_place = NULL, attempts = attempts + 1", lease, until
        )
        + " WHERE id IN (SELECT id FROM first) RETURNING id"
    )
    return await _read_leased(taken[0]["id"]) if taken else None


async def renew(mail: MailRow, until: datetime) -> bool:
    """Extend the lease of a claimed mail. Return False if the mail was deleted or claimed by another worker."""
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
    """Store the result of a claimed mail, and end the lease.

    With the state QUEUED, the mail is tried again at `due_at`, and `finished_at` must be None. Return False if the mail
    was deleted or claimed by another worker.
    """
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


def first_in_queue() -> Sql:
    """Return the query for the id of the first mail in the queue."""
    return sql("SELECT b.id FROM outbox_mail b WHERE b.queue_place IS NOT NULL ORDER BY b.queue_place, b.id LIMIT 1")


def waiting(at: datetime, most: int = MOST_REJOINED, columns: str = "b.id, b.portal_id, b.kind") -> Sql:
    """Return the query for at most `most` mails that are due by `at`, but have no place in the queue yet.

    They are ordered by `due_at`. `columns` are the columns to select.
    """
    # ORDER BY contains queue_place, which is always NULL here, so that PostgreSQL reads the index in order and does not sort.
    return sql(
        f"SELECT {columns} FROM outbox_mail b WHERE b.state = ? AND b.queue_place IS NULL AND b.due_at <= ?"
        " ORDER BY b.queue_place, b.due_at LIMIT ?",
        MailState.QUEUED,
        at,
        most,
    )


async def _rejoin(at: datetime) -> None:
    rows = WAITING.read(await fetch(locked_unless_taken(waiting(at), "b")))
    if not rows:
        return
    places = await queue_places.next_places([(row.portal_id, row.kind) for row in rows])
    await queue_places.write_places([row.id for row in rows], places)


_ACTOR = (
    "COALESCE(sa.name, NULLIF(TRIM(COALESCE(ua.first_name, '') || ' ' || COALESCE(ua.last_name, '')), ''),"
    " ua.email, ua.username)"
)
"""The SQL expression for the display name of the admin who caused the mail.

The value is NULL if no admin caused the mail, or if the admin's account was deleted.
"""


async def _read_leased(mail_id: UUID) -> Claimed:
    records = await fetch(
        f"SELECT {MAIL.columns}, COALESCE(s.name, u.first_name), u.last_name, COALESCE(p.name, m.name),"
        f" p.support_contact, {_ACTOR}, {LINK.columns} FROM outbox_mail b"
        " LEFT JOIN portal_user u ON u.id = b.user_id LEFT JOIN portal p ON p.id = b.portal_id"
        " LEFT JOIN staff_member s ON s.id = b.staff_id LEFT JOIN mssp m ON m.id = s.mssp_id"
        " LEFT JOIN staff_member sa ON sa.id = b.actor_id LEFT JOIN portal_user ua ON ua.id = b.actor_id"
        " LEFT JOIN link_token t ON t.id = b.link_id WHERE " + sql("b.id = ?", mail_id)
    )
    (mail,) = MAIL.read(records)
    first_name, last_name, portal, support_contact, actor = cells_of(records[0])[len(MAIL) : len(MAIL) + 5]
    link = LINK.read(records, start=len(MAIL) + 5)[0] if mail.link_id else None
    return Claimed(mail, link, first_name, last_name, portal, support_contact, actor)
