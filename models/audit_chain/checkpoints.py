"""Checkpoints of the audit log's hash chains. A checkpoint is the signed number and hash of one event."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.audit_chain.heads import AuditChain
from models.db.fields import KeyField
from models.db.rows import RowMapper, cells_of
from models.db.sql import Sql, fetch, sql
from rules.audit.chain import ChainPlace


class AuditCheckpoint(Model):
    """A stored checkpoint: the number and the hash of an event of a chain, signed at `at`.

    `key` is the public key that checks `signature`.
    """

    id = fields.UUIDField(primary_key=True)
    chain: fields.ForeignKeyRelation[AuditChain] = fields.ForeignKeyField("models.AuditChain", on_delete=fields.CASCADE)
    sequence = fields.BigIntField()
    hash = fields.TextField()
    at = fields.DatetimeField()
    key = KeyField()
    signature = fields.TextField()

    class Meta:
        table = "audit_checkpoint"
        indexes = [Index(fields=("chain_id", "sequence")), Index(fields=("at",))]


class CheckpointRow(NamedTuple):
    id: UUID
    chain_id: UUID
    sequence: int
    hash: str
    at: datetime
    key: str
    signature: str

    @property
    def place(self) -> ChainPlace:
        return ChainPlace(self.sequence, self.hash)


_CHECKPOINT = RowMapper(CheckpointRow, AuditCheckpoint, "k")


async def add(row: CheckpointRow) -> None:
    """Store the checkpoint."""
    await _CHECKPOINT.insert([row])


async def within(chain_id: UUID, after: int, upto: int) -> list[CheckpointRow]:
    """Return the chain's checkpoints of the events after number `after` and up to number `upto`, in order."""
    return _CHECKPOINT.read(
        await fetch(
            f"SELECT {_CHECKPOINT.columns} FROM audit_checkpoint k WHERE "
            + sql("k.chain_id = ? AND k.sequence > ? AND k.sequence <= ?", chain_id, after, upto)
            + " ORDER BY k.sequence, k.at, k.id"
        )
    )


async def newest(chain_id: UUID) -> CheckpointRow | None:
    """Return the newest checkpoint of the chain, or None."""
    rows = await fetch(
        f"SELECT {_CHECKPOINT.columns} FROM audit_checkpoint k WHERE "
        + sql("k.chain_id = ?", chain_id)
        + " ORDER BY k.sequence DESC, k.at DESC, k.id DESC LIMIT 1"
    )
    return next(iter(_CHECKPOINT.read(rows)), None)


def _due(key: str, signed_before: datetime, grown_by: int) -> Sql:
    """Return the SQL condition that a chain (alias c) needs a new checkpoint. Its newest checkpoint has the alias k.

    A chain needs a new checkpoint in each of these cases:

    - It has events, but no checkpoint.
    - It has new events, and its newest checkpoint was signed at `signed_before` or earlier.
    - It has at least `grown_by` new events.
    - Its newest checkpoint was signed with another key than `key`.
    """
    return sql(
        "(k.id IS NULL AND c.sequence > 0 OR c.sequence > k.sequence AND k.at <= ?"
        " OR c.sequence >= k.sequence + ? OR k.key <> ?)",
        signed_before,
        grown_by,
        key,
    )


_CHAINS = (
    "FROM audit_chain c LEFT JOIN audit_checkpoint k ON k.id = (SELECT n.id FROM audit_checkpoint n"
    " WHERE n.chain_id = c.id ORDER BY n.sequence DESC, n.at DESC, n.id DESC LIMIT 1) WHERE "
)


async def due(after: UUID, key: str, signed_before: datetime, grown_by: int) -> UUID | None:
    """Return the next chain that needs a new checkpoint: the smallest id above `after`, or None.

    The other arguments say when a checkpoint is needed: see `_due`.
    """
    rows = await fetch(
        f"SELECT c.id {_CHAINS}"
        + sql("c.id > ? AND ", after)
        + _due(key, signed_before, grown_by)
        + " ORDER BY c.id LIMIT 1"
    )
    return UUID(str(cells_of(rows[0])[0])) if rows else None


async def count_due(key: str, signed_before: datetime, grown_by: int) -> int:
    """Return the number of chains that need a new checkpoint. See `_due` for the arguments."""
    rows = await fetch(f"SELECT COUNT(*) AS chains {_CHAINS}" + _due(key, signed_before, grown_by))
    return int(rows[0]["chains"])
