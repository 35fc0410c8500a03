"""Queue mails. The transaction that causes a mail stores it, and a worker sends it later."""

from __future__ import annotations

from collections.abc import Sequence

from models.mail import queue_places
from models.mail.table import MAIL, MailRow


async def enqueue(mails: Sequence[MailRow]) -> None:
    """Give the mails places in the queue and store them. Leave out mails whose dedupe key is stored already."""
    places = await queue_places.next_places([(mail.portal_id, mail.kind) for mail in mails])
    rows = [mail._replace(queue_place=place) for mail, place in zip(mails, places, strict=True)]
    await MAIL.insert(rows, unless=" ON CONFLICT (dedupe_key) DO NOTHING")


async def store_finished(mails: Sequence[MailRow]) -> None:
    """Store mails that count as sent, without queuing them. Only the demo data uses this function."""
    await MAIL.insert(mails)
