"""Queue mails. The transaction that causes a mail stores the mail, and a worker sends the mail later."""

from __future__ import annotations

from collections.abc import Sequence

from models.mail import queue_places
from models.mail.table import MAIL, MailRow


async def enqueue(mails: Sequence[MailRow]) -> None:
    """Store the mails, each with a place in the queue. A mail whose dedupe key is stored already is left out."""
    places = await queue_places.next_places([(mail.portal_id, mail.kind) for mail in mails])
    rows = [mail._replace(queue_place=place) for mail, place in zip(mails, places, strict=True)]
    await MAIL.insert(rows, unless=" ON CONFLICT (dedupe_key) DO NOTHING")


async def store_finished(mails: Sequence[MailRow]) -> None:
    """Insert rows of mails that count as sent already. Nothing is queued. Only the demo data uses this function."""
    await MAIL.insert(mails)
