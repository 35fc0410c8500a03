"""Queued mails: the table and its row."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.db.fields import KeyField
from models.db.partial_indexes import PartialIndex
from models.db.rows import RowMapper
from rules.mail.kinds import MailKind


class MailState(StrEnum):
    QUEUED = "QUEUED"
    SENT = "SENT"
    DEAD = "DEAD"
    CANCELLED = "CANCELLED"


class OutboxMail(Model):
    """A mail to a portal user or to a member of staff. Mails to staff have no portal.

    - `link`: the link in the mail. Its token is not stored, but derived when the mail is sent.
    - `deadline`: when the user will be suspended, in the warning of an idle user. Null in other mails.
    - `actor_id`: the admin who caused the mail.
    - `queue_place`: a QUEUED mail with a place is ready to be sent. A QUEUED mail without a place waits until `due_at`.
    - `due_at`: the time of the next attempt. If a worker has claimed the mail, the end of the worker's `lease`.
    """

    id = fields.UUIDField(primary_key=True)
    portal: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "models.Portal", null=True, on_delete=fields.CASCADE
    )
    user: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "models.PortalUser", null=True, on_delete=fields.CASCADE
    )
    staff: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "models.StaffMember", null=True, on_delete=fields.CASCADE
    )
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
    queue_place = fields.BigIntField(null=True)
    lease = fields.UUIDField(null=True)
    finished_at = fields.DatetimeField(null=True)
    problem = fields.TextField(null=True)
    deadline = fields.DatetimeField(null=True)
    actor_id = fields.UUIDField(null=True)

    class Meta:
        table = "outbox_mail"
        indexes = [
            Index(fields=("queue_place", "id")),
            Index(fields=("portal_id", "queue_place")),
            Index(fields=("state", "queue_place", "due_at")),
            Index(fields=("user_id",)),
            Index(fields=("link_id",)),
            Index(fields=("staff_id",)),
            PartialIndex(name="outbox_mail_finished", fields=("state", "finished_at"), where="finished_at IS NOT NULL"),
            PartialIndex(name="outbox_mail_unsent", fields=("due_at",), where="state = 'QUEUED'"),
        ]
        constraints = [CheckConstraint("(staff_id IS NULL) <> (user_id IS NULL)", "outbox_mail_has_one_account")]


class MailRow(NamedTuple):
    id: UUID
    portal_id: UUID | None
    user_id: UUID | None
    staff_id: UUID | None
    link_id: UUID | None
    kind: MailKind
    recipient: str
    dedupe_key: str
    state: MailState
    created_at: datetime
    due_at: datetime
    attempts: int
    lease: UUID | None
    finished_at: datetime | None
    problem: str | None
    deadline: datetime | None = None
    actor_id: UUID | None = None
    queue_place: int | None = None


MAIL = RowMapper(MailRow, OutboxMail, "b")
