"""When mails were queued for each address in the last day. The mail caps count them."""

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
    """A mail that was queued for an address. The row is kept for a day, even if the user is deleted.

    `key` is a digest of the portal, the kind and the address.
    """

    # No user: otherwise an admin could reset the count by deleting the user and adding the user again.
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
    """Insert the rows, one for each mail that was queued. The function runs one statement."""
    await ROW.insert(rows)


async def since(keys: Iterable[str], instant: datetime) -> dict[str, list[datetime]]:
    """Return when mails were queued after `instant`, as times by key: `{key: [09:00, 09:05]}`.

    Keys without such mails are left out.
    """
    rows = await fetch(
        f"SELECT {ROW.columns} FROM recipient_mail r WHERE " + is_any_of("r.key", keys) + sql(" AND r.at > ?", instant)
    )
    found = defaultdict[str, list[datetime]](list)
    for row in ROW.read(rows):
        found[row.key].append(row.at)
    return dict(found)
