"""Leases of work: only the process that holds the lease does the work, until the lease ends."""

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
    """The lease of one kind of work: its holder, its end, and the time when the work was last completed."""

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
    """Take the lease of the work `name` until `until`. Return False if another process holds the lease."""
    # A lease that ends more than two durations after `at` is free: it was written before the clock was set back.
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
    """Extend the lease to `until`. Return False if `holder` no longer holds the lease."""
    return bool(
        await write(
            sql("UPDATE lease SET held_until = ? WHERE name = ? AND holder = ? RETURNING name", until, name, holder)
        )
    )


async def release(name: str, holder: UUID, finished_at: datetime | None) -> None:
    """End the lease of `holder`. `finished_at` is when the work was completed, or None if it was not."""
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
    """Return the time when the work `name` was last completed, or None if it was never completed."""
    found = LAST.read(await fetch(f"SELECT {LAST.columns} FROM lease l WHERE " + sql("l.name = ?", name)))
    return found[0].finished_at if found else None
