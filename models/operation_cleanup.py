"""Delete old previews of an account, and the texts of operations that may name an erased user."""

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


async def forget_texts(user_ids: Sequence[UUID]) -> None:
    """Delete the texts of operations that may name one of the users, in one statement (K32).

    They are the reason of each operation that concerned only one of the users and no other user, and the search of each
    operation that selected one of the users. Requires the users' rows to exist.
    """
    has_one_user = (
        "(SELECT COUNT(*) FROM (SELECT 1 FROM bulk_outcome c WHERE c.operation_id = bulk_operation.id LIMIT 2) f) = 1"
    )
    await write(
        f"UPDATE bulk_operation SET selection_search = NULL, reason = CASE WHEN {has_one_user} THEN NULL ELSE reason END"
        " WHERE (reason IS NOT NULL OR selection_search IS NOT NULL) AND id IN"
        " (SELECT e.operation_id FROM audit_event e WHERE "
        + is_any_of("e.user_id", user_ids)
        + " UNION SELECT s.id FROM portal_user u JOIN operation_portal d ON d.portal_id = u.portal_id"
        " JOIN bulk_operation s ON s.id = d.operation_id AND s.selection_search IS NOT NULL"
        " JOIN bulk_outcome c ON c.operation_id = s.id AND c.user_id = u.id WHERE " + is_any_of("u.id", user_ids) + ")"
    )
