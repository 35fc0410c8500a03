"""Finding the account that a login names: the one look at accounts before anybody is signed in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.auth.actors import SIGN_IN_POLICY, SignInPolicyRow
from models.db.dialect import is_any_of, locked
from models.db.rows import RowMapper
from models.db.sql import Sql, fetch, sql, write
from models.portals import lookup as portals
from models.portals.lookup import LicensedPortal
from models.portals.table import PORTAL, PortalRow
from models.staff import STAFF, StaffMember, StaffRow
from models.users.table import USER, PortalUser, UserRow


class SecretRow(NamedTuple):
    """An account's password. One that is short is good with a second factor only."""

    password_hash: str | None
    password_changed_at: datetime | None
    password_is_short: bool


SECRET = RowMapper(SecretRow, PortalUser, "u")
SECRET_OF_STAFF = RowMapper(SecretRow, StaffMember, "s")


class PortalAccount(NamedTuple):
    """A portal user who may be signing in, with what his portal says about it."""

    user: UserRow
    door: SignInPolicyRow
    secret: SecretRow


class LinkOwner(NamedTuple):
    """Whoever holds a portal user's link, before anybody is signed in."""

    user: UserRow
    portal: PortalRow


class StaffAccount(NamedTuple):
    """A member of staff who may be signing in."""

    member: StaffRow
    secret: SecretRow


async def staff_member(login_key: str) -> StaffAccount | None:
    """The staff member with that e-mail address."""
    return await _staff(sql("s.email_key = ?", login_key))


async def portal_account(slug: str, login_key: str) -> PortalAccount | None:
    """Return the user of that portal with that e-mail address, else with that username.

    The portal's id is a value to the planner here: with the slug as a join condition PostgreSQL cannot look both keys
    up in their indexes, and reads every user of the portal.
    """
    found = await _accounts(
        sql("u.portal_id = (SELECT r.id FROM portal r WHERE r.slug = ?)", slug)
        + sql(" AND (u.email_key = ? OR u.username_key = ?)", login_key, login_key)
        + sql(" ORDER BY CASE WHEN u.email_key = ? THEN 0 ELSE 1 END LIMIT 1", login_key)
    )
    return found[0] if found else None


async def user_of_link(id: UUID) -> PortalAccount | None:
    """The user whose link, or whose session, somebody holds."""
    found = await _accounts(sql("u.id = ?", id))
    return found[0] if found else None


async def staff_of_link(id: UUID) -> StaffAccount | None:
    """The same of staff."""
    return await _staff(sql("s.id = ?", id))


async def lock_portal_account(id: UUID) -> PortalAccount | None:
    """The same user as he is now, locked until the transaction ends."""
    found = await _accounts(locked(sql("u.id = ?", id), "u"))
    return found[0] if found else None


async def lock_staff_member(id: UUID) -> StaffAccount | None:
    """The same member of staff as he is now, locked until the transaction ends."""
    return await _staff(locked(sql("s.id = ?", id), "s"))


async def link_owner(user_id: UUID) -> LinkOwner | None:
    """The user whose link was found, with his portal; not locked."""
    records = await fetch(
        f"SELECT {USER.columns}, {PORTAL.columns} FROM portal_user u JOIN portal p ON p.id = u.portal_id WHERE "
        + sql("u.id = ?", user_id)
    )
    return LinkOwner(USER.read(records)[0], PORTAL.read(records, start=len(USER))[0]) if records else None


async def portal_of(user_id: UUID) -> UUID | None:
    """The portal of a user whose link or session was found; it is locked before the user is."""
    found = await fetch(sql("SELECT u.portal_id FROM portal_user u WHERE u.id = ?", user_id))
    return UUID(str(found[0]["portal_id"])) if found else None


async def lock_users(portal_id: UUID, user_ids: Iterable[UUID]) -> dict[UUID, UserRow]:
    """Users of a (locked) portal to whom something happens, whoever they are: locked in id order, as they are now."""
    query = (
        f"SELECT {USER.columns} FROM portal_user u WHERE "
        + sql("u.portal_id = ? AND ", portal_id)
        + is_any_of("u.id", user_ids)
        + " ORDER BY u.id"
    )
    return {user.id: user for user in USER.read(await fetch(locked(query, "u")))}


async def portal(id: UUID) -> LicensedPortal:
    """The portal in which something happens to somebody, with its packages."""
    return (await portals.licensed(sql("p.id = ?", id)))[id]


async def _staff(where: Sql) -> StaffAccount | None:
    records = await fetch(f"SELECT {STAFF.columns}, {SECRET_OF_STAFF.columns} FROM staff_member s WHERE " + where)
    if not records:
        return None
    return StaffAccount(STAFF.read(records)[0], SECRET_OF_STAFF.read(records, start=len(STAFF))[0])


async def _accounts(where: Sql) -> list[PortalAccount]:
    records = await fetch(
        f"SELECT {USER.columns}, {SIGN_IN_POLICY.columns}, {SECRET.columns} FROM portal_user u"
        " JOIN portal p ON p.id = u.portal_id WHERE " + where
    )
    doors = SIGN_IN_POLICY.read(records, start=len(USER))
    secrets = SECRET.read(records, start=len(USER) + len(SIGN_IN_POLICY))
    return [
        PortalAccount(user, door, secret) for user, door, secret in zip(USER.read(records), doors, secrets, strict=True)
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
    nonce: str,
) -> None:
    """Store a session and, of a portal user, the sign-in; a warning of idleness has served its purpose."""
    await write(
        sql(
            "INSERT INTO account_session"
            " (id, staff_id, user_id, created_at, last_used_at, expires_at, user_agent, ip_address, refresh_nonce,"
            " refresh_generation) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            *(id, staff_id, user_id, at, at, until, agent, address, nonce),
        )
    )
    if user_id is not None:
        await write(
            sql(
                "UPDATE portal_user SET last_sign_in_at = ?, last_sign_in_sort = ?, idle_since = ?,"
                " idle_warned_at = NULL WHERE id = ?",
                *(at, at, at, user_id),
            )
        )


async def replace_hash(account_id: UUID, earlier: str, now: str, *, is_staff: bool) -> None:
    """Write another hash of the same password, if `earlier` is still the account's."""
    table = "staff_member" if is_staff else "portal_user"
    await write(
        sql(
            f"UPDATE {table} SET password_hash = ? WHERE id = ? AND password_hash = ?",
            *(now, account_id, earlier),
        )
    )


async def set_password(account_id: UUID, hash: str, *, is_short: bool, is_staff: bool, at: datetime) -> None:
    """Writes a (locked) account's new password; one that is short is good with a second factor only."""
    table = "staff_member" if is_staff else "portal_user"
    await write(
        sql(
            f"UPDATE {table} SET password_hash = ?, password_is_short = ?, password_changed_at = ? WHERE id = ?",
            *(hash, is_short, at, account_id),
        )
    )
