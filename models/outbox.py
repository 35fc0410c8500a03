"""Mail that is to be sent: written in the transaction that wants it, sent by a worker that may die at any moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.dialect import insert
from models.fields import KeyField
from models.rows import Shape


class MailKind(StrEnum):
    """Which template."""

    INVITATION = "INVITATION"
    VERIFY_EMAIL = "VERIFY_EMAIL"
    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105  # a kind of mail


class MailState(StrEnum):
    QUEUED = "QUEUED"
    SENT = "SENT"
    DEAD = "DEAD"
    CANCELLED = "CANCELLED"


class OutboxMail(Model):
    """One mail. It names its recipient and its link's row; the link itself is derived when it is sent."""

    id = fields.UUIDField(primary_key=True)
    portal: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("models.Portal", on_delete=fields.CASCADE)
    user: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("models.PortalUser", on_delete=fields.CASCADE)
    link: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "models.LinkToken", null=True, on_delete=fields.CASCADE
    )
    kind = KeyField()
    recipient = fields.TextField()
    dedupe_key = KeyField(unique=True)
    state = KeyField()
    created_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    attempts = fields.IntField(default=0)
    leased_until = fields.DatetimeField(null=True)
    lease = fields.UUIDField(null=True)
    finished_at = fields.DatetimeField(null=True)
    problem = fields.TextField(null=True)

    class Meta:
        table = "outbox_mail"
        indexes = [Index(fields=("state", "due_at", "id")), Index(fields=("user_id",))]


class MailRow(NamedTuple):
    id: UUID
    portal_id: UUID
    user_id: UUID
    link_id: UUID | None
    kind: MailKind
    recipient: str
    dedupe_key: str
    state: MailState
    created_at: datetime
    due_at: datetime
    attempts: int
    leased_until: datetime | None
    lease: UUID | None
    finished_at: datetime | None
    problem: str | None


MAIL = Shape(MailRow, "b")
COLUMNS = {
    "id": "uuid",
    "portal_id": "uuid",
    "user_id": "uuid",
    "link_id": "uuid",
    "kind": "text",
    "recipient": "text",
    "dedupe_key": "text",
    "state": "text",
    "created_at": "timestamptz",
    "due_at": "timestamptz",
    "attempts": "int",
    "leased_until": "timestamptz",
    "lease": "uuid",
    "finished_at": "timestamptz",
    "problem": "text",
}


async def enqueue(mails: Sequence[MailRow]) -> None:
    """Writes mails that are to be sent, in one statement; one whose dedupe key is there already is left out."""
    await insert("outbox_mail", COLUMNS, mails, " ON CONFLICT (dedupe_key) DO NOTHING")
