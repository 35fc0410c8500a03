"""Work that one process does for all: whoever holds the lease does it, and when he dies the next one takes over."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.db.fields import KeyField
from models.db.rows import RowMapper
from models.db.sql import fetch, sql, write

HOUSEKEEPING = "housekeeping"


class Lease(Model):
    """One kind of work, who does it at the moment, and since when it was last done to the end."""

    name = KeyField(primary_key=True)
    holder = fields.UUIDField(null=True)
    held_until = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "lease"


class Last(NamedTuple):
    finished_at: datetime | None


LAST = RowMapper(Last, Lease, "l")


async def take(name: str, holder: UUID, at: datetime, until: datetime) -> bool:
    """Takes the work for one holder until that instant; False while another has it.

    A lease with more than double that time to go was written by a clock that has been set back since: it is free.
    """
    taken = await write(
        sql(
            "INSERT INTO lease (name, holder, held_until) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE"
            " SET holder = excluded.holder, held_until = excluded.held_until"
            " WHERE lease.holder IS NULL OR lease.held_until <= ? OR lease.held_until > ?"
            " RETURNING name",
            *(name, holder, until, at, until + (until - at)),
        )
    )
    return bool(taken)


async def prolong(name: str, holder: UUID, until: datetime) -> bool:
    """Keeps the work for longer; False for a holder who has lost it."""
    return bool(
        await write(
            sql("UPDATE lease SET held_until = ? WHERE name = ? AND holder = ? RETURNING name", until, name, holder)
        )
    )


async def release(name: str, holder: UUID, finished_at: datetime | None) -> None:
    """Frees the work for the next holder; `finished_at` where it was done to the end."""
    await write(
        sql(
            "UPDATE lease SET holder = NULL, held_until = NULL, finished_at = COALESCE(?, finished_at)"
            " WHERE name = ? AND holder = ?",
            *(finished_at, name, holder),
        )
    )


async def finished_at(name: str) -> datetime | None:
    """When the work was last done to the end; None for never."""
    found = LAST.read(await fetch(f"SELECT {LAST.columns} FROM lease l WHERE " + sql("l.name = ?", name)))
    return found[0].finished_at if found else None
