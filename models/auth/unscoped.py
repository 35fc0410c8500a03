"""Read and write accounts without a check of rights.

Only sign-ins, links and housekeeping use these functions. They have no actor whose rights could be checked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.auth.actors import SIGN_IN_POLICY, SignInPolicyRow
from models.db.dialect import is_any_of, locked
from models.db.rows import RowMapper
from models.db.sql import Sql, fetch, sql, write
from models.owner_conditions import TABLE
from models.portals import lookup as portals
from models.portals.lookup import LicensedPortal
from models.portals.table import PORTAL, PortalRow
from models.staff import STAFF, StaffMember, StaffRow
from models.users.table import USER, PortalUser, UserRow
from rules.accounts import AccountKey, AccountKind


class SecretRow(NamedTuple):
    """The stored password of an account. A password with `password_is_short` is accepted only with a second factor."""

    password_hash: str | None
    password_changed_at: datetime | None
    password_is_short: bool


SECRET = RowMapper(SecretRow, PortalUser, "u")
SECRET_OF_STAFF = RowMapper(SecretRow, StaffMember, "s")


class PortalAccountRow(NamedTuple):
    """A portal user with the portal's sign-in policy and the user's password."""

    user: UserRow
    policy: SignInPolicyRow
    secret: SecretRow


class StaffAccountRow(NamedTuple):
    """A member of staff with the stored password. The row also says whether the provider requires second factors."""

    member: StaffRow
    secret: SecretRow
    mfa_required: bool


class LinkOwner(NamedTuple):
    """The portal user who owns a link, with the user's portal."""

    user: UserRow
    portal: PortalRow


async def staff_account_by_login(login_key: str) -> StaffAccountRow | None:
    """Return the member of staff whose e-mail address has this login key, or None."""
    return await _staff(sql("s.email_key = ?", login_key))


async def portal_account_by_login(slug: str, login_key: str) -> PortalAccountRow | None:
    """Return the portal's user whose e-mail address or username has this login key, or None.

    If two users match, one by e-mail address and one by username, return the user with the e-mail address.
    """
    # The subquery gives the planner a portal id. With the slug as a join condition, PostgreSQL would not use the indexes
    # of both keys and would read every user of the portal.
    found = await _accounts(
        sql("u.portal_id = (SELECT r.id FROM portal r WHERE r.slug = ?)", slug)
        + sql(" AND (u.email_key = ? OR u.username_key = ?)", login_key, login_key)
        + sql(" ORDER BY CASE WHEN u.email_key = ? THEN 0 ELSE 1 END LIMIT 1", login_key)
    )
    return found[0] if found else None


async def portal_account(user_id: UUID, *, lock: bool) -> PortalAccountRow | None:
    """Return the portal user with the portal's sign-in policy and the user's password. Return None for an unknown id.

    If `lock` is true, the user's row is locked until the transaction ends.
    """
    condition = sql("u.id = ?", user_id)
    found = await _accounts(locked(condition, "u") if lock else condition)
    return found[0] if found else None


async def staff_account(staff_id: UUID, *, lock: bool) -> StaffAccountRow | None:
    """Return the member of staff with the stored password. Return None for an unknown id.

    If `lock` is true, the member's row is locked until the transaction ends.
    """
    condition = sql("s.id = ?", staff_id)
    return await _staff(locked(condition, "s") if lock else condition)


async def link_owner(user_id: UUID) -> LinkOwner | None:
    """Return the portal user with this id and the user's portal, or None if there is no such user.

    The rows are not locked.
    """
    records = await fetch(
        f"SELECT {USER.columns}, {PORTAL.columns} FROM portal_user u JOIN portal p ON p.id = u.portal_id WHERE "
        + sql("u.id = ?", user_id)
    )
    return LinkOwner(USER.read(records)[0], PORTAL.read(records, start=len(USER))[0]) if records else None


async def mssp_name(mssp_id: UUID) -> str:
    """Return the name of the provider. The page behind a link shows the name to a visitor who has not signed in."""
    found = await fetch(sql("SELECT m.name FROM mssp m WHERE m.id = ?", mssp_id))
    return str(found[0]["name"])


async def portal_of(user_id: UUID) -> UUID | None:
    """Return the id of the user's portal, or None if there is no such user.

    A caller that then locks the portal's row and the user's row must lock the portal's first.
    """
    found = await fetch(sql("SELECT u.portal_id FROM portal_user u WHERE u.id = ?", user_id))
    return UUID(str(found[0]["portal_id"])) if found else None


async def lock_users(portal_id: UUID, user_ids: Iterable[UUID]) -> dict[UUID, UserRow]:
    """Lock the portal's users with these ids, in id order, and return the rows keyed by user id.

    Requires the portal to be locked.
    """
    query = (
        f"SELECT {USER.columns} FROM portal_user u WHERE "
        + sql("u.portal_id = ? AND ", portal_id)
        + is_any_of("u.id", user_ids)
        + " ORDER BY u.id"
    )
    return {user.id: user for user in USER.read(await fetch(locked(query, "u")))}


async def portal_by_slug(slug_key: str) -> PortalRow | None:
    """Return the portal with this slug, active or not, or None. `slug_key` is the folded slug (`folding.slug_key`)."""
    found = PORTAL.read(await fetch(f"SELECT {PORTAL.columns} FROM portal p WHERE " + sql("p.slug = ?", slug_key)))
    return found[0] if found else None


async def portal(portal_id: UUID) -> LicensedPortal:
    """Return the portal with its license packages. Raise KeyError if the portal does not exist."""
    return (await portals.licensed(sql("p.id = ?", portal_id)))[portal_id]


async def _staff(where: Sql) -> StaffAccountRow | None:
    records = await fetch(
        f"SELECT {STAFF.columns}, {SECRET_OF_STAFF.columns}, m.staff_mfa_required FROM staff_member s"
        " JOIN mssp m ON m.id = s.mssp_id WHERE " + where
    )
    if not records:
        return None
    secret = SECRET_OF_STAFF.read(records, start=len(STAFF))[0]
    return StaffAccountRow(STAFF.read(records)[0], secret, bool(records[0]["staff_mfa_required"]))


async def _accounts(where: Sql) -> list[PortalAccountRow]:
    records = await fetch(
        f"SELECT {USER.columns}, {SIGN_IN_POLICY.columns}, {SECRET.columns} FROM portal_user u"
        " JOIN portal p ON p.id = u.portal_id WHERE " + where
    )
    policies = SIGN_IN_POLICY.read(records, start=len(USER))
    secrets = SECRET.read(records, start=len(USER) + len(SIGN_IN_POLICY))
    return [
        PortalAccountRow(user, policy, secret)
        for user, policy, secret in zip(USER.read(records), policies, secrets, strict=True)
    ]


async def open_session(
    session_id: UUID,
    account: AccountKey,
    *,
    at: datetime,
    until: datetime,
    agent: str | None,
    address: str,
    nonce: str,
) -> None:
    """Store a session that is active from `at` until `until`. Refresh tokens are derived from `nonce`.

    For a portal user, also store `at` as the time of the last sign-in, and begin a new idle period.
    """
    await write(
        sql(
            "INSERT INTO account_session"
            " (id, staff_id, user_id, created_at, last_used_at, expires_at, user_agent, ip_address, refresh_nonce,"
            " refresh_generation) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            session_id,
            account.staff_id,
            account.user_id,
            at,
            at,
            until,
            agent,
            address,
            nonce,
        )
    )
    if account.kind is AccountKind.PORTAL_USER:
        await write(
            sql(
                "UPDATE portal_user SET last_sign_in_at = ?, last_sign_in_sort = ?, idle_since = ?,"
                " idle_warned_at = NULL WHERE id = ?",
                at,
                at,
                at,
                account.id,
            )
        )


async def replace_hash(account: AccountKey, earlier: str, now: str) -> None:
    """Replace the account's password hash `earlier` by `now`. Do nothing if another hash is stored."""
    await write(
        sql(
            f"UPDATE {TABLE[account.kind]} SET password_hash = ? WHERE id = ? AND password_hash = ?",
            now,
            account.id,
            earlier,
        )
    )


async def set_password(account: AccountKey, password_hash: str, *, is_short: bool, at: datetime) -> None:
    """Write the account's new password hash. Requires the account's row to be locked.

    If `is_short` is true, the password is accepted only together with a second factor.
    """
    await write(
        sql(
            f"UPDATE {TABLE[account.kind]} SET password_hash = ?, password_is_short = ?, password_changed_at = ?"
            " WHERE id = ?",
            password_hash,
            is_short,
            at,
            account.id,
        )
    )
