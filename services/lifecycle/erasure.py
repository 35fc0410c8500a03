"""Erase users, with all their data (K32)."""

from __future__ import annotations

from uuid import UUID

from models import audit, operation_cleanup
from models.auth import attempts, failed_sign_ins
from models.users import changes as user_changes


async def erase(user_ids: list[UUID]) -> None:
    """Delete the users with their sessions, links and mails. Delete their names from the audit log and from operations.

    The counters of the portals are not changed. Requires the portals of the users to be locked.
    """
    await operation_cleanup.forget_texts(user_ids)
    await audit.forget(user_ids)
    await attempts.delete_all_counters(user_ids)
    await failed_sign_ins.forget(user_ids)
    await user_changes.erase(user_ids)
