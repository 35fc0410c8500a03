"""Requests for a password reset that the mail worker has yet to answer.

The HTTP request stores the same row for existing and missing accounts, and the worker looks up the account later. A
look-up during the HTTP request would take time that reveals whether the account exists.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.db.dialect import locked_unless_taken
from models.db.fields import KeyField
from models.db.rows import RowMapper
from models.db.sql import Sql, fetch, write


class ResetRequest(Model):
    """A request for a password reset. `portal_slug` is null if the request is for a staff account."""

    id = fields.UUIDField(primary_key=True)
    portal_slug = fields.TextField(null=True)
    login_key = KeyField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "reset_request"
        indexes = [Index(fields=("created_at", "id"))]


class ResetRequestRow(NamedTuple):
    id: UUID
    portal_slug: str | None
    login_key: str
    created_at: datetime


ROW = RowMapper(ResetRequestRow, ResetRequest)


async def add(row: ResetRequestRow) -> None:
    """Store a request for a password reset."""
    await ROW.insert([row])


async def is_any_left() -> bool:
    """Return whether the table contains a request that the worker has to answer."""
    return bool(await fetch(Sql("SELECT 1 FROM reset_request q LIMIT 1")))


async def take() -> ResetRequestRow | None:
    """Delete and return the oldest request, or return None. Concurrent calls take different requests."""
    oldest = Sql("SELECT q.id FROM reset_request q ORDER BY q.created_at, q.id LIMIT 1")
    taken = await write(
        "DELETE FROM reset_request WHERE id IN (" + locked_unless_taken(oldest, "q") + f") RETURNING {ROW.columns}"
    )
    return ROW.read(taken)[0] if taken else None
