"""Make mails of each kind, render them, and read their bodies."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from uuid import UUID

from api.mail.rendering import Envelope
from models.links.table import LinkRow
from models.mail.table import MailRow, MailState
from rules.mail.kinds import PURPOSES, MailKind
from services.mail.outbox import MailToSend
from tests.support.mail.sending import letters

NOW = datetime(2026, 3, 1, 9, 0, 1, tzinfo=UTC)

ID = UUID("019ca7d0-5a00-7000-8000-000000000001")

TOKEN = "tHe-_t0ken" * 4


def claimed(
    kind: MailKind = MailKind.INVITATION,
    *,
    to: str = "ann@acme.test",
    name: str = "Ann Smith",
    portal: str = "Acme",
    support: str | None = "help@msp.test",
) -> MailToSend:
    mail = MailRow(
        id=ID,
        portal_id=ID,
        user_id=ID,
        staff_id=None,
        link_id=ID if kind in PURPOSES else None,
        kind=kind,
        recipient=to,
        dedupe_key="",
        state=MailState.QUEUED,
        created_at=NOW - timedelta(seconds=1),
        due_at=NOW,
        attempts=1,
        lease=None,
        finished_at=None,
        problem=None,
        deadline=NOW + timedelta(days=7) if kind is MailKind.IDLE_WARNING else None,
    )
    if kind not in PURPOSES:
        return MailToSend(mail, None, None, name, portal, support)
    link = LinkRow(ID, ID, None, PURPOSES[kind], "nonce", "hash", NOW, NOW + timedelta(days=7), None, None)
    return MailToSend(mail, link, TOKEN, name, portal, support)


def written(given: MailToSend) -> EmailMessage:
    return parsed(letters().render(given, NOW))


def parsed(envelope: Envelope) -> EmailMessage:
    return message_from_bytes(envelope.content, EmailMessage, policy=default)


def body(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found
    return str(found.get_content()).replace("\r\n", "\n")


def words(html: str) -> str:
    """Return the text of the HTML as a reader sees it, without tags and with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
