"""Names of deleted users. The audit log and stored operations show them as long as the portal's policy allows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.db.dialect import is_any_of
from models.db.rows import RowMapper
from models.db.sql import fetch
from models.portals.reach import managed
from rules.access import Actor


class DeletedName(Model):
    """The name of a deleted user. `id` is the user's former id. From `erase_at` on, the name is not shown."""

    id = fields.UUIDField(primary_key=True)
    portal: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("models.Portal", on_delete=fields.CASCADE)
    name = fields.TextField()
    erase_at = fields.DatetimeField()

    class Meta:
        table = "deleted_name"
        indexes = [Index(fields=("portal_id",)), Index(fields=("erase_at",))]


class DeletedNameRow(NamedTuple):
    id: UUID
    portal_id: UUID
    name: str
    erase_at: datetime

    def shown_at(self, instant: datetime) -> str | None:
        """Return the name if `instant` is before `erase_at`, else None."""
        return self.name if instant < self.erase_at else None


DELETED_NAME = RowMapper(DeletedNameRow, DeletedName, "n")


async def store(rows: Sequence[DeletedNameRow]) -> None:
    """Store the names of deleted users, so that the audit log can show each name until its `erase_at`."""
    if rows:
        await DELETED_NAME.insert(rows)


async def by_id(actor: Actor, user_ids: list[UUID]) -> dict[UUID, DeletedNameRow]:
    """Return the stored names of deleted users, keyed by former user id.

    Only users of portals that the actor manages are included. Read a name with `DeletedNameRow.shown_at`, which hides
    the name after `erase_at`.
    """
    rows = await fetch(
        f"SELECT {DELETED_NAME.columns} FROM deleted_name n WHERE "
        + managed(actor, "n.portal_id")
        + " AND "
        + is_any_of("n.id", user_ids)
    )
    return {row.id: row for row in DELETED_NAME.read(rows)}
