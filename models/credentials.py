"""Finding the account that a login names: the one look at accounts before anybody is signed in."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.accounts import STAFF, StaffRow
from models.actors import DOOR, DoorRow
from models.dialect import locked
from models.rows import Shape
from models.sql import Sql, fetch, sql, write
from models.users import USER, UserRow


class SecretRow(NamedTuple):
    password_hash: str | None


SECRET = Shape(SecretRow, "u")


class PortalAccount(NamedTuple):
    """A portal user who may be signing in, with what his portal says about it."""

    user: UserRow
    door: DoorRow
    password_hash: str | None


async def staff_member(login_key: str) -> StaffRow | None:
    """The staff member with that e-mail address."""
    found = STAFF.read(
        await fetch(f"SELECT {STAFF.columns} FROM staff_member s WHERE " + sql("s.email_key = ?", login_key))
    )
    return found[0] if found else None


async def portal_account(slug: str, login_key: str) -> PortalAccount | None:
    """The user of that portal with that e-mail address, else with that username."""
    found = await _accounts(
        sql("p.slug = ? AND (u.email_key = ? OR u.username_key = ?)", slug, login_key, login_key)
        + sql(" ORDER BY CASE WHEN u.email_key = ? THEN 0 ELSE 1 END LIMIT 1", login_key)
    )
    return found[0] if found else None


async def lock_portal_account(id: UUID) -> PortalAccount | None:
    """The same user as he is now, locked until the transaction ends."""
    found = await _accounts(locked(sql("u.id = ?", id), "u"))
    return found[0] if found else None


async def lock_staff_member(id: UUID) -> StaffRow | None:
    found = STAFF.read(
        await fetch(locked(f"SELECT {STAFF.columns} FROM staff_member s WHERE " + sql("s.id = ?", id), "s"))
    )
    return found[0] if found else None


async def _accounts(where: Sql) -> list[PortalAccount]:
    records = await fetch(
        f"SELECT {USER.columns}, {DOOR.columns}, {SECRET.columns} FROM portal_user u"
        " JOIN portal p ON p.id = u.portal_id WHERE " + where
    )
    doors = DOOR.read(records, start=len(USER))
    secrets = SECRET.read(records, start=len(USER) + len(DOOR))
    return [
        PortalAccount(user, door, secret.password_hash)
        for user, door, secret in zip(USER.read(records), doors, secrets, strict=True)
    ]


async def open_session(
    id: UUID,
    *,
    staff_id: UUID | None,
    user_id: UUID | None,
    at: datetime,
    until: datetime,
    agent: str | None,
    address: str,
) -> None:
    """Writes a session and, of a portal user, when he last signed in."""
    await write(
        sql(
            "INSERT INTO account_session (id, staff_id, user_id, created_at, expires_at, user_agent, ip_address)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(id, staff_id, user_id, at, until, agent, address),
        )
    )
    if user_id is not None:
        await write(
            sql("UPDATE portal_user SET last_sign_in_at = ?, last_sign_in_sort = ? WHERE id = ?", at, at, user_id)
        )
