"""Read the events of a chain in parts, to check them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from models.audit import AuditEvent
from models.db.rows import RowMapper, cells_of
from models.db.sql import Record, Sql, fetch, sql

FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)


class ChainedRow(NamedTuple):
    """An event with its number and hash. `has_user` says whether the user of the event still exists."""

    id: UUID
    at: datetime
    event: str
    actor_id: UUID | None
    mssp_id: UUID
    portal_id: UUID | None
    user_id: UUID | None
    changes: list[dict[str, Any]]
    reason: str | None
    ticket: str | None
    operation_id: UUID | None
    sequence: int
    hash: str
    digest: str | None
    salt: str | None
    has_user: bool


class UnreadableRow(NamedTuple):
    """Stands for an audit event that has an invalid value in one of its columns. `sequence` is the event's number."""

    sequence: int


_ROW = RowMapper(
    ChainedRow, AuditEvent, "e", sequence="e.sequence", hash="COALESCE(e.hash, '')", has_user="u.id IS NOT NULL"
)


async def events_after(
    chain_id: UUID, *, is_portal: bool, last: tuple[int, UUID], upto: int, limit: int
) -> list[ChainedRow | UnreadableRow]:
    """Return at most `limit` events of the chain that follow the event `last`, in order.

    `last` is the number and the id of an event. `upto` is the greatest event number to return. An event with an invalid
    value is returned as an UnreadableRow.
    """
    sequence, event_id = last
    rows = await fetch(
        f"SELECT {_ROW.columns} FROM audit_event e LEFT JOIN portal_user u ON u.id = e.user_id WHERE "
        + _of_chain(chain_id, is_portal=is_portal)
        + sql(" AND e.sequence >= ? AND (e.sequence > ? OR e.id > ?)", sequence, sequence, event_id)
        + sql(" AND e.sequence <= ? ORDER BY e.sequence, e.id LIMIT ?", upto, limit)
    )
    try:
        found = _ROW.read(rows)
    except (ValueError, TypeError):
        return [_read(row) for row in rows]
    return [each if isinstance(each.changes, list) else UnreadableRow(each.sequence) for each in found]


def _read(row: Record) -> ChainedRow | UnreadableRow:
    """Return the event of one row, or an UnreadableRow if a column has an invalid value.

    Invalid values are possible because SQLite accepts values of any type in a column, and stores JSON as text.
    """
    try:
        (found,) = _ROW.read([row])
    except (ValueError, TypeError):
        return UnreadableRow(int(cells_of(row)[ChainedRow._fields.index("sequence")]))
    return found if isinstance(found.changes, list) else UnreadableRow(found.sequence)


async def hash_at(chain_id: UUID, *, is_portal: bool, sequence: int) -> str | None:
    """Return the hash of the event with this number in the chain, or None if there is no such event."""
    rows = await fetch(
        "SELECT e.hash FROM audit_event e WHERE "
        + _of_chain(chain_id, is_portal=is_portal)
        + sql(" AND e.sequence = ? ORDER BY e.id LIMIT 1", sequence)
    )
    return str(cells_of(rows[0])[0]) if rows else None


def _of_chain(chain_id: UUID, *, is_portal: bool) -> Sql:
    return sql("e.portal_id = ?" if is_portal else "e.mssp_id = ? AND e.portal_id IS NULL", chain_id)
