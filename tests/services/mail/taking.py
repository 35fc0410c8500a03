"""Take the next mail that is due."""

from __future__ import annotations

from services.mail.outbox import MailToSend, NotSent, Outbox

LATE = NotSent("451 4.3.0")


async def taken(outbox: Outbox) -> MailToSend:
    claimed = await outbox.take()
    assert claimed, "no mail is due"
    return claimed
