"""Sessions: the table, its rows, and the revocation of sessions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.auth import attempts
from models.db.dialect import is_any_of
from models.db.fields import KeyField
from models.db.partial_indexes import PartialIndex
from models.db.rows import RowMapper, cells_of
from models.db.sql import Sql, all_of, fetch, join, sql, write
from models.owner_conditions import belongs_to, belongs_to_any
from models.staff import StaffMember, staff_visible_to
from models.users.lookup import managed_by
from rules.access import Actor, Role
from rules.accounts import AccountKey


class AccountSession(Model):
    """A sign-in. The session is active until `expires_at`, unless it is revoked. A refresh extends an active session.

    Refresh tokens are not stored. A token is derived from the session's id, `refresh_nonce` and the token's number.

    - `refresh_generation`: the number of the newest token.
    - `refresh_parent`: the number of the token that the newest token replaced. The newest token and the replaced token
      are valid. Null before the first refresh.
    """

    id = fields.UUIDField(primary_key=True)
    staff: fields.ForeignKeyNullableRelation[StaffMember] = fields.ForeignKeyField(
        "models.StaffMember", null=True, on_delete=fields.CASCADE
    )
    user: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "models.PortalUser", null=True, on_delete=fields.CASCADE
    )
    created_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    user_agent = fields.TextField(null=True)
    ip_address = fields.TextField(null=True)
    refresh_nonce = KeyField(null=True)
    refresh_generation = fields.IntField(default=0)
    refresh_parent = fields.IntField(null=True)

    class Meta:
        table = "account_session"
        indexes = [
            Index(fields=("user_id",)),
            Index(fields=("staff_id",)),
            Index(fields=("expires_at",)),
            PartialIndex(name="account_session_revoked", fields=("revoked_at",), where="revoked_at IS NOT NULL"),
        ]
        constraints = [CheckConstraint("(staff_id IS NULL) <> (user_id IS NULL)", "account_session_has_one_account")]


class SessionRow(NamedTuple):
    """A session with the account that signed in: a portal user or a member of staff.

    For a portal user, `user_id` is set. For a member of staff, the fields whose names begin with `staff_` are set.
    """

    id: UUID
    expires_at: datetime
    revoked_at: datetime | None
    staff_id: UUID | None
    staff_mssp_id: UUID | None
    staff_name: str | None
    staff_role: Role | None
    staff_is_active: bool | None
    staff_mfa_enrolled: bool | None
    staff_mfa_required: bool | None
    staff_all_except: bool | None
    staff_assigned_until: datetime | None
    user_id: UUID | None


SESSION = RowMapper(
    SessionRow,
    AccountSession,
    "a",
    staff_id="s.id",
    staff_mssp_id="s.mssp_id",
    staff_name="s.name",
    staff_role="s.role",
    staff_is_active="s.is_active",
    staff_mfa_enrolled="s.mfa_enrolled",
    staff_mfa_required="m.staff_mfa_required",
    staff_all_except="s.assigned_all_except",
    staff_assigned_until="s.assigned_until",
)


class ListedSessionRow(NamedTuple):
    """The fields of a session that the API shows. Exactly one of `staff_id` and `user_id` is set."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    user_agent: str | None
    ip_address: str | None
    staff_id: UUID | None
    user_id: UUID | None


LISTED_SESSION = RowMapper(ListedSessionRow, AccountSession, "a")


def visible_to(actor: Actor) -> Sql:
    """Return the SQL condition that the actor can see a session (alias a).

    An actor sees the sessions of the actor's account, and the sessions of the users that the actor manages. An MSSP
    admin also sees the sessions of the MSSP's staff.
    """
    if not actor.manages_users:
        return belongs_to(actor.key, "a.")
    of_managed = "a.user_id IN (SELECT u.id FROM portal_user u WHERE " + managed_by(actor) + ")"
    seen = [belongs_to(actor.key, "a."), of_managed]
    if actor.administers_mssp:
        seen.append("a.staff_id IN (SELECT s.id FROM staff_member s WHERE " + staff_visible_to(actor) + ")")
    return "(" + join(" OR ", seen) + ")"


async def own(actor: Actor, at: datetime) -> list[ListedSessionRow]:
    """Return the actor's own sessions that are active at `at`, newest first."""
    return await _active(belongs_to(actor.key, "a."), at)


async def by_id(actor: Actor, at: datetime, ids: Iterable[UUID]) -> list[ListedSessionRow]:
    """Return the sessions with these ids that are active at `at` and that the actor can see, newest first."""
    return await _active(visible_to(actor) + " AND " + is_any_of("a.id", ids), at)


async def of_accounts(actor: Actor, at: datetime, ids: Collection[UUID]) -> dict[UUID, list[ListedSessionRow]]:
    """Return each account's sessions that are active at `at`, newest first, keyed by account id.

    - The dict contains the users of `ids` that the actor manages. For an MSSP admin, it also contains the MSSP's staff.
    - An account without active sessions has an empty list.
    - The function runs one statement. For an MSSP admin, it runs a second statement if some accounts are not users.
    """
    if not actor.manages_users:
        return {}
    found = await _of("portal_user u", "user_id", "u.id", managed_by(actor), at, ids)
    others = [account_id for account_id in ids if account_id not in found]
    if actor.administers_mssp and others:
        found |= await _of("staff_member s", "staff_id", "s.id", staff_visible_to(actor), at, others)
    return found


async def _of(
    source: str, column: str, key: str, visible: Sql, at: datetime, ids: Collection[UUID]
) -> dict[UUID, list[ListedSessionRow]]:
    records = await fetch(
        f"SELECT {key}, {LISTED_SESSION.columns} FROM {source} LEFT JOIN account_session a ON a.{column} = {key} AND "
        + sql("a.revoked_at IS NULL AND a.expires_at > ?", at)
        + " WHERE "
        + visible
        + " AND "
        + is_any_of(key, ids)
        + " ORDER BY a.created_at DESC, a.id DESC"
    )
    found: dict[UUID, list[ListedSessionRow]] = {UUID(str(cells_of(record)[0])): [] for record in records}
    with_session = [record for record in records if cells_of(record)[1] is not None]
    for record, row in zip(with_session, LISTED_SESSION.read(with_session, start=1), strict=True):
        found[UUID(str(cells_of(record)[0]))].append(row)
    return found


async def _active(among: Sql, at: datetime) -> list[ListedSessionRow]:
    where = all_of([among, sql("a.revoked_at IS NULL AND a.expires_at > ?", at)])
    return LISTED_SESSION.read(
        await fetch(
            f"SELECT {LISTED_SESSION.columns} FROM account_session a WHERE "
            + where
            + " ORDER BY a.created_at DESC, a.id DESC"
        )
    )


async def end_own(actor: Actor, at: datetime, session_id: UUID | None) -> list[UUID]:
    """Revoke one active session of the actor, or all if `session_id` is None. Return the ids of the revoked sessions.

    If all are revoked, the known sources of the actor are deleted too.
    """
    if session_id is None:
        await attempts.forget_sources([actor.key])
    one = [sql("id = ?", session_id)] if session_id is not None else []
    where = all_of([belongs_to(actor.key), sql("revoked_at IS NULL AND expires_at > ?", at), *one])
    ended = await write(sql("UPDATE account_session SET revoked_at = ? WHERE ", at) + where + " RETURNING id")
    return [UUID(str(row["id"])) for row in ended]


async def end_one(account: AccountKey, session_id: UUID, at: datetime) -> bool:
    """Revoke one active session of the account. Return False if the account has no such active session."""
    where = belongs_to(account) + sql(" AND id = ? AND revoked_at IS NULL AND expires_at > ?", session_id, at)
    return bool(await write(sql("UPDATE account_session SET revoked_at = ? WHERE ", at) + where + " RETURNING id"))


async def end(accounts: Collection[AccountKey], at: datetime, *, keep_session: UUID | None = None) -> None:
    """Revoke the accounts' active sessions (L9), except `keep_session`, and delete their known sources."""
    await attempts.forget_sources(accounts)
    kept = sql(" AND id <> ?", keep_session) if keep_session else ""
    await write(
        sql("UPDATE account_session SET revoked_at = ? WHERE revoked_at IS NULL AND ", at)
        + belongs_to_any(accounts)
        + kept
    )


async def end_oldest(newest: int, account: AccountKey, this: UUID, at: datetime) -> None:
    """Keep at most `newest` sessions of the account active, and revoke the oldest. `this` is always kept."""
    living = belongs_to(account) + sql(" AND id <> ? AND revoked_at IS NULL AND expires_at > ?", this, at)
    await write(
        sql("UPDATE account_session SET revoked_at = ? WHERE ", at)
        + living
        + " AND id NOT IN (SELECT id FROM account_session WHERE "
        + living
        + sql(" ORDER BY created_at DESC, id DESC LIMIT ?)", newest - 1)
    )
