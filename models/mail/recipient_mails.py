"""When which address was mailed, so that mail to one address can be capped; nothing here can be read as an address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.db.dialect import is_any_of
from models.db.fields import KeyField
from models.db.rows import RowMapper
from models.db.sql import fetch, sql


class RecipientMail(Model):
    """One mail that was queued to an address. The key is a digest of portal, kind and address. Users that are deleted
    leave their rows: otherwise adding and deleting a user would begin the count anew. Kept for a day."""

    id = fields.UUIDField(primary_key=True)
    key = KeyField()
    at = fields.DatetimeField()

    class Meta:
        table = "recipient_mail"
        indexes = [Index(fields=("key", "at")), Index(fields=("at",))]


class RecipientMailRow(NamedTuple):
    id: UUID
    key: str
    at: datetime


ROW = RowMapper(RecipientMailRow, RecipientMail, "r")


async def add(rows: list[RecipientMailRow]) -> None:
    """Write that mails were queued, in one statement."""
    await ROW.insert(rows)


async def since(keys: Iterable[str], instant: datetime) -> dict[str, list[datetime]]:
    """Return when mails were queued after `instant`, by key; a key without any is left out."""
    rows = await fetch(
        f"SELECT {ROW.columns} FROM recipient_mail r WHERE " + is_any_of("r.key", keys) + sql(" AND r.at > ?", instant)
    )
    found = defaultdict[str, list[datetime]](list)
    for row in ROW.read(rows):
        found[row.key].append(row.at)
    return dict(found)
