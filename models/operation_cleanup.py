"""Delete old previews of an account, and the reasons of operations that concerned an erased user only."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.sql import sql, write


async def keep_newest_previews(actor_id: UUID, this: UUID, most: int) -> None:
    """Delete old previews of the account, at most two per call.

    `this` and the `most` - 1 newest other previews are kept.
    """
    await write(
        "DELETE FROM bulk_operation WHERE id IN (SELECT o.id FROM bulk_operation o WHERE "
        + sql("o.actor_id = ? AND o.preview_expires_at IS NOT NULL AND o.id <> ?", actor_id, this)
        + sql(" ORDER BY o.preview_expires_at DESC, o.id DESC LIMIT 2 OFFSET ?)", most - 1)
    )


async def forget_reasons(user_ids: Sequence[UUID]) -> None:
    """Delete the reason of each operation that concerned only one user, if that user is one of `user_ids` (K32)."""
    await write(
        "UPDATE bulk_operation SET reason = NULL WHERE reason IS NOT NULL AND id IN"
        " (SELECT e.operation_id FROM audit_event e WHERE "
        + is_any_of("e.user_id", user_ids)
        + ") AND (SELECT COUNT(*) FROM (SELECT 1 FROM bulk_outcome c WHERE c.operation_id = bulk_operation.id LIMIT 2) f)"
        " = 1"
    )
