"""Statements that delete old previews of an account, and texts of operations that can name a deleted user."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.sql import sql, write


async def keep_newest_previews(actor_id: UUID, this: UUID, most: int) -> None:
    """Keep the `most` newest previews of the account, and delete older ones. The preview `this` is always kept.

    One call deletes at most two previews.
    """
    await write(
        "DELETE FROM bulk_operation WHERE id IN (SELECT o.id FROM bulk_operation o WHERE "
        + sql("o.actor_id = ? AND o.preview_expires_at IS NOT NULL AND o.id <> ?", actor_id, this)
        + sql(" ORDER BY o.preview_expires_at DESC, o.id DESC LIMIT 2 OFFSET ?)", most - 1)
    )


async def forget_texts(user_ids: Sequence[UUID]) -> None:
    """Delete texts of operations that can contain the names of these users (K32).

    Operations that selected one of the users lose their search text. Operations that selected no other user also lose
    their reason and ticket. Call the function before the users are deleted.
    """
    has_one_user = (
        "(SELECT COUNT(*) FROM (SELECT 1 FROM bulk_outcome c WHERE c.operation_id = bulk_operation.id LIMIT 2) f) = 1"
    )
    await write(
        f"UPDATE bulk_operation SET selection_search = NULL, reason = CASE WHEN {has_one_user} THEN NULL ELSE reason END,"
        f" ticket = CASE WHEN {has_one_user} THEN NULL ELSE ticket END"
        " WHERE (reason IS NOT NULL OR ticket IS NOT NULL OR selection_search IS NOT NULL) AND id IN"
        " (SELECT e.operation_id FROM audit_event e WHERE "
        + is_any_of("e.user_id", user_ids)
        + " UNION SELECT b.operation_id FROM bulk_outcome b WHERE b.position = 0 AND "
        + is_any_of("b.user_id", user_ids)
        + " UNION SELECT s.id FROM portal_user u JOIN operation_portal d ON d.portal_id = u.portal_id"
        " JOIN bulk_operation s ON s.id = d.operation_id AND s.selection_search IS NOT NULL"
        " JOIN bulk_outcome c ON c.operation_id = s.id AND c.user_id = u.id WHERE " + is_any_of("u.id", user_ids) + ")"
    )
