"""Mail that is to be sent: stored in the transaction that causes it, and sent later by a worker."""

from __future__ import annotations

from collections.abc import Sequence

from models.mail import queue_places
from models.mail.table import MAIL, MailRow


async def enqueue(mails: Sequence[MailRow]) -> None:
    """Write mails that are to be sent, in their turns; one whose dedupe key is there already is left out."""
    places = await queue_places.behind([(mail.portal_id, mail.kind) for mail in mails])
    rows = [mail._replace(queue_place=place) for mail, place in zip(mails, places, strict=True)]
    await MAIL.insert(rows, unless=" ON CONFLICT (dedupe_key) DO NOTHING")


async def store_finished(mails: Sequence[MailRow]) -> None:
    """Write mails that were sent earlier."""
    await MAIL.insert(mails)
