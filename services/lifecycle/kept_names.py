"""Keep the names of deleted users for the audit log and the stored outcomes of their portal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from models import deleted_names
from models.deleted_names import DeletedNameRow
from models.portals.lookup import LicensedPortal
from models.users.table import UserRow


async def keep_names(users: Sequence[UserRow], portals: Mapping[UUID, LicensedPortal], at: datetime) -> None:
    """Store the names of users who are deleted at `at`, for `deleted_name_retention_days` of their portal.

    If this setting is None or 0, no name is stored. `portals` has the users' portals by id.
    """
    days = {id: portal.row.deleted_name_retention_days or 0 for id, portal in portals.items()}
    await deleted_names.store(
        [
            DeletedNameRow(user.id, user.portal_id, user.name, at + timedelta(days=days[user.portal_id]))
            for user in users
            if days[user.portal_id] > 0
        ]
    )
