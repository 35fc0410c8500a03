"""The names of deleted users that a portal keeps for its logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from models import deleted_names
from models.deleted_names import DeletedNameRow
from models.portals.lookup import LicensedPortal
from models.users.table import UserRow


async def keep(users: Sequence[UserRow], portals: Mapping[UUID, LicensedPortal], at: datetime) -> None:
    """Store the names of users deleted at `at`, for the days of their portal's policy.

    `portals` has the users' portals, by id. If no portal keeps names, no statement runs.
    """
    days = {id: portal.row.deleted_name_retention_days or 0 for id, portal in portals.items()}
    await deleted_names.keep(
        [
            DeletedNameRow(user.id, user.portal_id, user.name, at + timedelta(days=days[user.portal_id]))
            for user in users
            if days[user.portal_id] > 0
        ]
    )
