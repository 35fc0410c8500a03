"""Read the recipients of claimed mails, and their portals.

The functions check no rights, because the mail worker has no actor.
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
    """The start of a user's idle period, and the time when the user was warned in this period."""

    idle_since: datetime | None
    idle_warned_at: datetime | None


IDLE = RowMapper(IdleRow, PortalUser, "u")


async def users(user_ids: Iterable[UUID]) -> dict[UUID, tuple[UserRow, IdleRow]]:
    """Return a dict from user id to the user's row and the user's current idle period."""
    records = await fetch(
        f"SELECT {USER.columns}, {IDLE.columns} FROM portal_user u WHERE " + is_any_of("u.id", user_ids)
    )
    idle = IDLE.read(records, start=len(USER))
    return {user.id: (user, row) for user, row in zip(USER.read(records), idle, strict=True)}


async def portals(portal_ids: Iterable[UUID]) -> dict[UUID, LicensedPortal]:
    """Return a dict from portal id to the portal with its license packages."""
    return await lookup.licensed(is_any_of("p.id", portal_ids))


async def staff(staff_ids: Iterable[UUID]) -> dict[UUID, StaffRow]:
    """Return a dict from id to the member of staff."""
    records = await fetch(f"SELECT {STAFF.columns} FROM staff_member s WHERE " + is_any_of("s.id", staff_ids))
    return {member.id: member for member in STAFF.read(records)}
