"""Providers (MSSPs): the table, its row and the lookup."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.db.dialect import NO_ROW, is_any_of
from models.db.rows import RowMapper
from models.db.sql import Sql, fetch, sql, write
from rules.access import Actor


class Mssp(Model):
    """A managed security service provider, which operates portals. Providers share no data."""

    id = fields.UUIDField(primary_key=True)
    name = fields.TextField()
    # Null counts as false. SQLite cannot rebuild the table for NOT NULL: a trigger of the audit log reads the table.
    staff_mfa_required = fields.BooleanField(null=True, default=False)

    class Meta:
        table = "mssp"


class MsspRow(NamedTuple):
    id: UUID
    name: str
    staff_mfa_required: bool | None


MSSP = RowMapper(MsspRow, Mssp, "m")


def visible_to(actor: Actor) -> Sql:
    """Return the SQL condition that the actor can see a provider (alias m).

    Staff see their own provider. Other actors see no provider.
    """
    return sql("m.id = ?", actor.mssp_id) if actor.is_staff else NO_ROW


async def by_id(actor: Actor, ids: list[UUID]) -> dict[UUID, MsspRow]:
    """Return the providers of `ids` that the actor can see, keyed by id."""
    rows = MSSP.read(
        await fetch(f"SELECT {MSSP.columns} FROM mssp m WHERE " + visible_to(actor) + " AND " + is_any_of("m.id", ids))
    )
    return {row.id: row for row in rows}


async def require_second_factors(mssp_id: UUID, *, is_required: bool) -> None:
    """Store whether the staff of the provider must have a second factor."""
    await write(sql("UPDATE mssp SET staff_mfa_required = ? WHERE id = ?", is_required, mssp_id))
