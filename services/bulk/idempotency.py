"""Idempotency keys: a second call with an idempotency key returns the result of the first call with that key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from models import idempotency, operations
from models.db.sql import json_text
from models.operations import OperationRow
from rules.access import Actor
from rules.messages.bulk import BulkMessage
from rules.refusals import Refusal
from rules.text import characters
from services.bulk.plan import BulkPlan, RunOptions
from services.bulk.results import BulkResult, replay
from services.runtime import Runtime

PATH = ("options", "idempotencyKey")


async def claim(
    runtime: Runtime, actor: Actor, plan: BulkPlan, options: RunOptions, at: datetime
) -> UUID | BulkResult | None:
    """Claim the call's idempotency key for this run. Return one of these:

    - The id of the claimed key.
    - The result of the earlier run, if the actor has used the key for this action before.
    - None, if the call has no key.

    Wait for the end of an earlier call that is still running. Raise Refusal(IDEMPOTENCY_KEY_REUSED) if the earlier call
    had another input.
    """
    key = options.idempotency_key
    if key is None:
        return None
    key_id, input_hash = runtime.new_id(), digest((plan.asked, options))
    earlier = await idempotency.claim(key_id, actor.id, plan.action, key, input_hash, at)
    if earlier is None:
        return key_id
    if earlier.input_hash != input_hash or earlier.operation_id is None:
        raise Refusal(BulkMessage.OTHER_INPUT, path=PATH)
    operation = (await operations.by_id(actor, [earlier.operation_id]))[earlier.operation_id]
    return await replay(operation, plan.selection)


async def store_result(key_id: UUID, operation: OperationRow) -> None:
    """Store the operation as the result of the claimed key. Later calls with the key return this result."""
    await idempotency.store_result(key_id, operation.id)


def digest(asked: object) -> str:
    """Return a digest of a call's input. Equal inputs have equal digests.

    The input consists of dataclasses, tuples, named tuples and plain values.
    """
    return sha256(json_text(_plain(asked)).encode()).hexdigest()


def _plain(value: Any) -> Any:
    names = [f.name for f in fields(value)] if is_dataclass(value) else getattr(value, "_fields", None)
    if names is not None:
        return [type(value).__name__, *([name, _plain(getattr(value, name))] for name in names)]
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, str):
        return characters.replace_unstorable(
            value
        )  # some characters cannot be encoded; a later check refuses such a text
    if isinstance(value, timedelta):
        return value.total_seconds()
    assert not isinstance(value, Mapping), "inputs are tuples and dataclasses"  # noqa: S101  # a bug, were it otherwise
    return value
