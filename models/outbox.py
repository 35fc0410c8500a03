"""Mail that is to be sent: written in the transaction that wants it, sent by a worker that may die at any moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.dialect import insert, is_any_of, locked, locked_unless_taken
from models.fields import KeyField
from models.links import LINK, LinkRow
from models.rows import Shape, cells_of
from models.sql import Sql, fetch, sql, write


class MailKind(StrEnum):
    """Which template. Those that carry no link or code are notices."""

    INVITATION = "INVITATION"
    VERIFY_EMAIL = "VERIFY_EMAIL"
    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105  # a kind of mail
    REGISTRATION_CODE = "REGISTRATION_CODE"
    EMAIL_CHANGE_STARTED = "EMAIL_CHANGE_STARTED"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105  # a kind of mail
    SECOND_FACTOR_CHANGED = "SECOND_FACTOR_CHANGED"
    SESSION_COPIED = "SESSION_COPIED"
    IDLE_WARNING = "IDLE_WARNING"


class MailState(StrEnum):
    QUEUED = "QUEUED"
    SENT = "SENT"
    DEAD = "DEAD"
    CANCELLED = "CANCELLED"


class OutboxMail(Model):
    """One mail to a portal's user or to a member of staff, who has no portal.

    It names its recipient and its link's row; the link itself is derived when it is sent. `deadline` is the moment that
    a notice tells of.
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
    leased_until = fields.DatetimeField(null=True)
    lease = fields.UUIDField(null=True)
    finished_at = fields.DatetimeField(null=True)
    problem = fields.TextField(null=True)
    deadline = fields.DatetimeField(null=True)

    class Meta:
        table = "outbox_mail"
        indexes = [
            Index(fields=("state", "due_at", "id")),
            Index(fields=("user_id",)),
            Index(fields=("link_id",)),
            Index(fields=("portal_id",)),
            Index(fields=("staff_id",)),
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
    leased_until: datetime | None
    lease: UUID | None
    finished_at: datetime | None
    problem: str | None
    deadline: datetime | None = None


class Claimed(NamedTuple):
    """A mail that one worker holds, with what its letter tells; without a portal, `portal` is the provider's name."""

    mail: MailRow
    link: LinkRow | None
    first_name: str | None
    last_name: str | None
    portal: str
    support_contact: str | None


MAIL = Shape(MailRow, "b")
COLUMNS = {
    "id": "uuid",
    "portal_id": "uuid",
    "user_id": "uuid",
    "staff_id": "uuid",
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
    "deadline": "timestamptz",
}


async def enqueue(mails: Sequence[MailRow]) -> None:
    """Writes mails that are to be sent, in one statement; one whose dedupe key is there already is left out."""
    await insert("outbox_mail", COLUMNS, mails, " ON CONFLICT (dedupe_key) DO NOTHING")


async def is_any_due(at: datetime) -> bool:
    """Whether there is a mail to claim."""
    return bool(await fetch("SELECT 1 FROM outbox_mail b WHERE " + _free_at(at) + " LIMIT 1"))


async def claim(lease: UUID, at: datetime, until: datetime) -> Claimed | None:
    """Leases the mail that has been due for longest and counts the attempt; of two at once, each gets another one."""
    due = "SELECT b.id FROM outbox_mail b WHERE " + _free_at(at) + " ORDER BY b.due_at, b.id LIMIT 1"
    # Materialized: planned as a join, the query for one row could run again and lock another.
    taken = await write(
        "WITH due AS MATERIALIZED ("
        + locked_unless_taken(due, "b")
        + sql(") UPDATE outbox_mail SET lease = ?, leased_until = ?, attempts = attempts + 1", lease, until)
        + " WHERE id IN (SELECT id FROM due) RETURNING id"
    )
    return await _held(taken[0]["id"]) if taken else None


async def settle(
    mail: MailRow, state: MailState, problem: str | None, *, due_at: datetime, finished_at: datetime | None
) -> bool:
    """Writes a claimed mail's result and gives it free; False when the mail is gone or in other hands by now."""
    return bool(
        await write(
            sql(
                "UPDATE outbox_mail SET state = ?, problem = ?, due_at = ?, finished_at = ?, lease = NULL, leased_until = NULL"
                " WHERE id = ? AND lease = ? AND state = ? RETURNING id",
                *(state, problem, due_at, finished_at, mail.id, mail.lease, MailState.QUEUED),
            )
        )
    )


def _free_at(at: datetime) -> Sql:
    return sql(
        "b.state = ? AND b.due_at <= ? AND (b.leased_until IS NULL OR b.leased_until <= ?)", MailState.QUEUED, at, at
    )


async def _held(id: UUID) -> Claimed:
    records = await fetch(
        f"SELECT {MAIL.columns}, COALESCE(s.name, u.first_name), u.last_name, COALESCE(p.name, m.name),"
        f" p.support_contact, {LINK.columns} FROM outbox_mail b"
        " LEFT JOIN portal_user u ON u.id = b.user_id LEFT JOIN portal p ON p.id = b.portal_id"
        " LEFT JOIN staff_member s ON s.id = b.staff_id LEFT JOIN mssp m ON m.id = s.mssp_id"
        " LEFT JOIN link_token t ON t.id = b.link_id WHERE " + sql("b.id = ?", id)
    )
    (mail,) = MAIL.read(records)
    first_name, last_name, portal, support_contact = cells_of(records[0])[len(MAIL) : len(MAIL) + 4]
    link = LINK.read(records, start=len(MAIL) + 4)[0] if mail.link_id else None
    return Claimed(mail, link, first_name, last_name, portal, support_contact)


async def in_state(state: MailState, most: int) -> list[MailRow]:
    """The oldest mails in that state, up to so many."""
    return MAIL.read(
        await fetch(
            f"SELECT {MAIL.columns} FROM outbox_mail b WHERE "
            + sql("b.state = ? ORDER BY b.created_at, b.id LIMIT ?", state, most)
        )
    )


async def lock_dead(ids: Sequence[UUID] | None) -> list[MailRow]:
    """Those of the mails that were given up, all such for None; locked until the transaction ends."""
    dead = sql("b.state = ?", MailState.DEAD) + ("" if ids is None else " AND " + is_any_of("b.id", ids))
    return MAIL.read(
        await fetch(locked(f"SELECT {MAIL.columns} FROM outbox_mail b WHERE " + dead + " ORDER BY b.id", "b"))
    )


async def known(ids: Sequence[UUID]) -> set[UUID]:
    """Those of the ids that are a mail's."""
    return {
        UUID(str(row["id"])) for row in await fetch("SELECT b.id FROM outbox_mail b WHERE " + is_any_of("b.id", ids))
    }


async def queue_again(ids: Sequence[UUID], at: datetime) -> None:
    """Makes mails that were given up due now, as if they had never been tried."""
    await write(
        sql(
            "UPDATE outbox_mail SET state = ?, due_at = ?, attempts = 0, finished_at = NULL, problem = NULL WHERE ",
            *(MailState.QUEUED, at),
        )
        + is_any_of("id", ids)
    )
