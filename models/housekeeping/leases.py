"""Leases: of all processes, one does a kind of work at a time; another takes over when the lease ends."""

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
    """One kind of work, its present holder, and when it was last done to its end."""

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
    """Give the work to the holder until that instant; return False if another holder has it.

    A lease with more than double that time to go was written by a clock that has been set back since: it is free.
    """
    taken = await write(
        sql(
            "INSERT INTO lease (name, holder, held_until) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE"
            " SET holder = excluded.holder, held_until = excluded.held_until"
            " WHERE lease.holder IS NULL OR lease.held_until <= ? OR lease.held_until > ?"
            " RETURNING name",
            name,
            holder,
            until,
            at,
            until + (until - at),
        )
    )
    return bool(taken)


async def prolong(name: str, holder: UUID, until: datetime) -> bool:
    """Prolong the lease; return False if the holder has lost it."""
    return bool(
        await write(
            sql("UPDATE lease SET held_until = ? WHERE name = ? AND holder = ? RETURNING name", until, name, holder)
        )
    )


async def release(name: str, holder: UUID, finished_at: datetime | None) -> None:
    """Free the work for the next holder; `finished_at` is given if the work was done to its end."""
    await write(
        sql(
            "UPDATE lease SET holder = NULL, held_until = NULL, finished_at = COALESCE(?, finished_at)"
            " WHERE name = ? AND holder = ?",
            finished_at,
            name,
            holder,
        )
    )


async def finished_at(name: str) -> datetime | None:
    """Return when the work was last done to its end; None: never."""
    found = LAST.read(await fetch(f"SELECT {LAST.columns} FROM lease l WHERE " + sql("l.name = ?", name)))
    return found[0].finished_at if found else None
