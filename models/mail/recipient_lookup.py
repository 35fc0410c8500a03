"""Read the recipients of claimed mails, and their portals, without a check of rights.

The mail worker has no actor whose rights could be checked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.rows import RowMapper
from models.db.sql import fetch
from models.portals import lookup
from models.portals.lookup import LicensedPortal
from models.staff import STAFF, StaffRow
from models.users.table import USER, PortalUser, UserRow


class IdleRow(NamedTuple):
    """When a user's idle period began, and when the user was warned in this period."""

    idle_since: datetime | None
    idle_warned_at: datetime | None


IDLE = RowMapper(IdleRow, PortalUser, "u")


async def users(user_ids: Iterable[UUID]) -> dict[UUID, tuple[UserRow, IdleRow]]:
    """Return the users with their current idle periods, keyed by user id."""
    records = await fetch(
        f"SELECT {USER.columns}, {IDLE.columns} FROM portal_user u WHERE " + is_any_of("u.id", user_ids)
    )
    idle = IDLE.read(records, start=len(USER))
    return {user.id: (user, row) for user, row in zip(USER.read(records), idle, strict=True)}


async def portals(portal_ids: Iterable[UUID]) -> dict[UUID, LicensedPortal]:
    """Return the portals with their license packages, keyed by portal id."""
    return await lookup.licensed(is_any_of("p.id", portal_ids))


async def staff(staff_ids: Iterable[UUID]) -> dict[UUID, StaffRow]:
    """Return the members of staff, keyed by id."""
    records = await fetch(f"SELECT {STAFF.columns} FROM staff_member s WHERE " + is_any_of("s.id", staff_ids))
    return {member.id: member for member in STAFF.read(records)}
