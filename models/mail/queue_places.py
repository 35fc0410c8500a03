"""Compute and store the places of mails in the queue. rules/mail/queue_order.py explains places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from models.db.rows import RowMapper
from models.db.sql import Sql, fetch, sql
from models.db.writes import table_of, update_rows
from models.mail.table import OutboxMail
from rules.mail import queue_order
from rules.mail.kinds import MailKind, urgency
from rules.mail.mail_spec import Urgency


class LastPlace(NamedTuple):
    """What decides the place of a portal's next mail in the queue. Only mails of one urgency count.

    - `portal_id`: the portal, or None for mails to staff.
    - `last`: the greatest place of the portal's queued mails. None if there are none.
    - `front`: the smallest place of all queued mails. None if there are none.
    """

    portal_id: UUID | None
    last: int | None
    front: int | None


LAST = RowMapper(LastPlace, portal_id="portal_id", last="last", front="front")


async def next_places(mails: Sequence[tuple[UUID | None, MailKind]]) -> list[int]:
    """Return a new place in the queue for each of `mails`, in order.

    An item of `mails` is the portal's id and the kind of the mail. The id is None for a mail to staff.
    """
    # For each urgency: one statement for portals and one for staff. It reads two rows for each portal.
    places = [0] * len(mails)
    of_urgency = defaultdict[Urgency, list[int]](list)
    for index, (_, kind) in enumerate(mails):
        of_urgency[urgency(kind)].append(index)
    for level, indexes in of_urgency.items():
        portal_ids = [mails[index][0] for index in indexes]
        found = await _last(set(portal_ids), level)
        last = {row.portal_id: row.last for row in found}
        for index, place in zip(indexes, queue_order.places(portal_ids, level, found[0].front, last), strict=True):
            places[index] = place
    return places


async def write_places(mail_ids: Sequence[UUID], places: Sequence[int]) -> None:
    """Write the queue places of the mails. Requires the mails to be locked."""
    rows = [{"id": mail_id, "queue_place": place} for mail_id, place in zip(mail_ids, places, strict=True)]
    await update_rows(OutboxMail, ("queue_place",), rows)


async def _last(portal_ids: set[UUID | None], level: Urgency) -> list[LastPlace]:
    rows: list[LastPlace] = []
    named = [{"portal_id": portal_id} for portal_id in portal_ids if portal_id]
    if named:
        picked = "SELECT v.portal_id, (" + last_place("b.portal_id = v.portal_id", level) + ") AS last, ("
        query = picked + front_place(level) + ") AS front FROM " + table_of("v", OutboxMail, ("portal_id",), named)
        rows += LAST.read(await fetch(query))
    if None in portal_ids:
        query = "SELECT NULL AS portal_id, (" + last_place("b.portal_id IS NULL", level) + ") AS last, ("
        rows += LAST.read(await fetch(query + front_place(level) + ") AS front"))
    return rows


def last_place(whose: str, level: Urgency) -> Sql:
    """Return the query for the greatest queue place of one urgency among the mails that meet the condition `whose`.

    `whose` is SQL text, in which a mail has the alias b.
    """
    first, next = queue_order.span(level)
    return sql(
        f"SELECT MAX(b.queue_place) FROM outbox_mail b WHERE {whose} AND b.queue_place >= ? AND b.queue_place < ?",
        first,
        next,
    )


def front_place(level: Urgency) -> Sql:
    """Return the SQL query for the smallest queue place among the mails of one urgency."""
    return sql(
        "SELECT MIN(b.queue_place) FROM outbox_mail b WHERE b.queue_place >= ? AND b.queue_place < ?",
        *queue_order.span(level),
    )
