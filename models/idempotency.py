"""Idempotency keys. A mutation that a client sends twice with the same key runs once."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.db.fields import KeyField
from models.db.rows import RowMapper
from models.db.sql import fetch, sql, write
from rules.bulk_limits import IDEMPOTENCY_KEY_LIVES
from rules.lifecycle.actions import Action


class IdempotencyKey(Model):
    """A key that an account has used for a bulk mutation, with a hash of the mutation's input.

    `operation` is the bulk operation that the mutation has run. It is null until the operation is stored.
    """

    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    action = KeyField()
    key = KeyField()
    input_hash = KeyField()
    operation: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "models.BulkOperation", null=True, on_delete=fields.CASCADE
    )
    created_at = fields.DatetimeField()

    class Meta:
        table = "idempotency_key"
        unique_together = (("account_id", "action", "key"),)
        indexes = [Index(fields=("operation_id",)), Index(fields=("created_at",))]


class KeyRow(NamedTuple):
    id: UUID
    input_hash: str
    operation_id: UUID | None


KEY = RowMapper(KeyRow, IdempotencyKey, "k")


async def claim(
    key_id: UUID, account_id: UUID, action: Action, key: str, input_hash: str, at: datetime
) -> KeyRow | None:
    """Claim the idempotency key and return None, or return the stored row if the key was claimed before.

    If another transaction is claiming the key, wait until that transaction ends. A claim expires after
    IDEMPOTENCY_KEY_LIVES, and the key can then be claimed again.
    """
    taken = await write(
        sql(
            "INSERT INTO idempotency_key (id, account_id, action, key, input_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (account_id, action, key) DO UPDATE SET id = excluded.id, input_hash = excluded.input_hash,"
            " operation_id = NULL, created_at = excluded.created_at WHERE idempotency_key.created_at <= ? RETURNING id",
            key_id,
            account_id,
            action,
            key,
            input_hash,
            at,
            at - IDEMPOTENCY_KEY_LIVES,
        )
    )
    if taken:
        return None
    rows = await fetch(
        f"SELECT {KEY.columns} FROM idempotency_key k WHERE "
        + sql("k.account_id = ? AND k.action = ? AND k.key = ?", account_id, action, key)
    )
    return KEY.read(rows)[0]


async def store_result(key_id: UUID, operation_id: UUID) -> None:
    """Store that the mutation with the claimed key has run the bulk operation `operation_id`."""
    await write(sql("UPDATE idempotency_key SET operation_id = ? WHERE id = ?", operation_id, key_id))
