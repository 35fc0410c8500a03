"""Portal users: whoever signs in to one portal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.db.dialect import NO_ROW, is_any_of, locked
from models.db.fields import KeyField
from models.db.partial_indexes import PartialIndex
from models.db.rows import RowMapper
from models.db.sql import Sql, all_of, fetch, sql, write
from models.db.writes import update_rows
from models.portals.reach import reach
from models.portals.table import Portal
from models.staff import Mssp
from rules.access import Actor, Role
from rules.accounts import AccountKey, AccountKind
from rules.lifecycle.licenses import Kind
from rules.lifecycle.statuses import Category, Status, StatusReason
from rules.text import folding
from rules.text.lookalikes import skeleton
from rules.text.search import haystack


class PortalUser(Model):
    """A user of one portal. Keys, sorts, ranks, `search_text` and `username_look` are folded copies of other columns.
    `username_look` is null where it equals the key, as for every username in ASCII.

    `idle_since` is the last sign-in, refresh of a session (to the day) or entry into ENABLED, whichever came last.
    `idle_warned_at` is when the user was warned in the present idle period. A password that is short is good with a second
    factor only.
    """

    id = fields.UUIDField(primary_key=True)
    mssp: fields.ForeignKeyRelation[Mssp] = fields.ForeignKeyField("models.Mssp", on_delete=fields.CASCADE)
    portal: fields.ForeignKeyRelation[Portal] = fields.ForeignKeyField("models.Portal", on_delete=fields.CASCADE)
    kind = KeyField()
    role = KeyField()
    username = fields.TextField()
    first_name = fields.TextField(null=True)
    last_name = fields.TextField(null=True)
    email = fields.TextField(null=True)
    email_verified_at = fields.DatetimeField(null=True)
    pending_email = fields.TextField(null=True)
    status = KeyField()
    status_reason = KeyField(null=True)
    resume_status = KeyField(null=True)
    resume_reason = KeyField(null=True)
    status_changed_at = fields.DatetimeField()
    category = KeyField()
    holds_seat = fields.BooleanField()
    locked_for_good = fields.BooleanField(default=False)
    mfa_enrolled = fields.BooleanField(default=False)
    last_sign_in_at = fields.DatetimeField(null=True)
    idle_since = fields.DatetimeField(null=True)
    idle_warned_at = fields.DatetimeField(null=True)
    reset_mailed_at = fields.DatetimeField(null=True)
    verification_mailed_at = fields.DatetimeField(null=True)
    added_at = fields.DatetimeField()
    modified_at = fields.DatetimeField()
    version = fields.IntField(default=1)
    password_hash = fields.TextField(null=True)
    password_changed_at = fields.DatetimeField(null=True)
    password_is_short = fields.BooleanField(default=False)

    username_key = KeyField()
    username_look = KeyField(null=True)
    email_key = KeyField(null=True)
    pending_email_key = KeyField(null=True)
    first_name_sort = KeyField()
    last_name_sort = KeyField()
    username_sort = KeyField()
    email_sort = KeyField()
    last_sign_in_sort = fields.DatetimeField()
    status_rank = fields.SmallIntField()
    role_rank = fields.SmallIntField()
    search_text = fields.TextField()

    class Meta:
        table = "portal_user"
        unique_together = (("portal", "username_key"), ("portal", "email_key"))
        indexes = [
            Index(fields=("portal_id", "last_name_sort", "first_name_sort", "id")),
            Index(fields=("portal_id", "category", "last_name_sort", "first_name_sort", "id")),
            Index(fields=("mssp_id", "last_name_sort", "first_name_sort", "id")),
            Index(fields=("mssp_id", "category", "last_name_sort", "first_name_sort", "id")),
            Index(fields=("portal_id", "last_sign_in_sort", "id")),
            Index(fields=("portal_id", "added_at", "id")),
            Index(fields=("portal_id", "pending_email_key")),
            Index(fields=("portal_id", "username_look")),
            PartialIndex(
                name="portal_user_waiting",
                fields=("portal_id", "status", "status_changed_at", "id"),
                where="status = 'LOCKED_OUT' OR status = 'PROVISIONED' OR status = 'DEACTIVATED'",
            ),
            PartialIndex(
                name="portal_user_idle", fields=("portal_id", "idle_since", "id"), where="category = 'ENABLED'"
            ),
            PartialIndex(
                name="portal_user_warned",
                fields=("portal_id", "idle_warned_at", "id"),
                where="idle_warned_at IS NOT NULL",
            ),
        ]


class UserRow(NamedTuple):
    id: UUID
    mssp_id: UUID
    portal_id: UUID
    kind: Kind
    role: Role
    username: str
    first_name: str | None
    last_name: str | None
    email: str | None
    email_verified_at: datetime | None
    pending_email: str | None
    status: Status
    status_reason: StatusReason | None
    resume_status: Status | None
    resume_reason: StatusReason | None
    status_changed_at: datetime
    category: Category
    holds_seat: bool
    mfa_enrolled: bool
    last_sign_in_at: datetime | None
    reset_mailed_at: datetime | None
    verification_mailed_at: datetime | None
    added_at: datetime
    modified_at: datetime
    version: int
    locked_for_good: bool = False
    """Of one who is LOCKED_OUT: only an admin or a new password ends it, no time."""

    @property
    def key(self) -> AccountKey:
        return AccountKey(AccountKind.PORTAL_USER, self.id)

    @property
    def name(self) -> str:
        return folding.display_name(self.first_name, self.last_name, self.email, self.username)


USER = RowMapper(UserRow, PortalUser, "u")

NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""The sign-in, for sorting, of those who never signed in: behind all others (T22)."""

STATUS_RANK = {status: rank for rank, status in enumerate(Status)}
ROLE_RANK = {Role.PORTAL_ADMIN: 0, Role.PORTAL_USER: 1}


FOLDED = ("first_name", "last_name", "username", "email", "pending_email")
"""The columns of which others are folded copies."""


def folded(
    *,
    first_name: str | None,
    last_name: str | None,
    username: str,
    email: str | None,
    pending_email: str | None = None,
) -> dict[str, str | None]:
    """Return the columns that are folded copies of names and addresses; written whenever one of these is."""
    username_key = folding.login_key(username)
    username_look = skeleton(username_key)
    return {
        "username_key": username_key,
        "username_look": username_look if username_look != username_key else None,
        "email_key": folding.login_key(email) if email else None,
        "pending_email_key": folding.login_key(pending_email) if pending_email else None,
        "first_name_sort": folding.sort_key(first_name) if first_name else folding.ABSENT,
        "last_name_sort": folding.sort_key(last_name) if last_name else folding.ABSENT,
        "username_sort": folding.sort_key(username),
        "email_sort": folding.sort_key(email) if email else folding.ABSENT,
        "search_text": haystack(first_name, last_name, username, email, pending_email),
    }


def visible_to(actor: Actor) -> Sql:
    """Return which users u the actor may see: those of the portals within reach; a portal user sees only itself."""
    return reach(actor, "u.portal_id", "u.mssp_id") if actor.manages_users else sql("u.id = ?", actor.id)


def managed_by(actor: Actor) -> Sql:
    """Users u that the actor may act on; nobody for a portal user, not even himself."""
    return visible_to(actor) if actor.manages_users else NO_ROW


async def by_id(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, UserRow]:
    """The users among `ids` that the actor may see."""
    rows = await fetch(
        f"SELECT {USER.columns} FROM portal_user u WHERE " + visible_to(actor) + " AND " + is_any_of("u.id", ids)
    )
    return {user.id: user for user in USER.read(rows)}


async def portals_of(actor: Actor, ids: list[UUID]) -> list[UUID]:
    """The portals of those among `ids` whom the actor manages."""
    rows = await fetch(
        "SELECT DISTINCT u.portal_id FROM portal_user u WHERE " + managed_by(actor) + " AND " + is_any_of("u.id", ids)
    )
    return [UUID(str(row["portal_id"])) for row in rows]


async def lock(actor: Actor, ids: list[UUID], portal_ids: list[UUID]) -> dict[UUID, UserRow]:
    """Those among `ids` whom the actor manages in these (locked) portals: locked in id order, as they are now."""
    return await _lock([managed_by(actor), is_any_of("u.id", ids), is_any_of("u.portal_id", portal_ids)])


async def lock_visible(actor: Actor, ids: list[UUID]) -> dict[UUID, UserRow]:
    """The same for those whom the actor sees: a portal user may lock himself. Their portals must be locked."""
    return await _lock([visible_to(actor), is_any_of("u.id", ids)])


async def _lock(where: list[Sql]) -> dict[UUID, UserRow]:
    query = f"SELECT {USER.columns} FROM portal_user u WHERE " + all_of(where) + " ORDER BY u.id"
    return {user.id: user for user in USER.read(await fetch(locked(query, "u")))}


async def edit(user: UserRow, changed: Mapping[str, Any], at: datetime) -> None:
    """Writes the changed columns of a (locked) user, with those that are folded copies of them."""
    columns = {**changed, **folded(**{name: changed.get(name, getattr(user, name)) for name in FOLDED})}
    assigned = ", ".join(f"{name} = ?" for name in columns)
    await write(
        sql(
            f"UPDATE portal_user SET {assigned}, modified_at = ?, version = version + 1 WHERE id = ?",
            *(*columns.values(), at, user.id),
        )
    )


async def clear_pending_email(users: Sequence[UserRow], at: datetime) -> None:
    """Drop the address that awaits verification from each of these (locked) users, in one statement."""
    rows = [
        {
            "id": user.id,
            "search_text": haystack(user.first_name, user.last_name, user.username, user.email),
            "modified_at": at,
        }
        for user in users
    ]
    names = ("pending_email", "pending_email_key", "search_text", "modified_at")
    await update_rows(PortalUser, names, rows, computed={"version": "portal_user.version + 1"})


class StatusChange(NamedTuple):
    """What an action writes of a user. `idle_since` begins another idle period; None keeps the present one."""

    id: UUID
    status: Status
    status_reason: StatusReason | None
    resume_status: Status | None
    resume_reason: StatusReason | None
    category: Category
    status_rank: int
    holds_seat: bool
    locked_for_good: bool
    mfa_enrolled: bool
    reset_mailed_at: datetime | None
    verification_mailed_at: datetime | None
    idle_since: datetime | None
    status_changed_at: datetime
    modified_at: datetime
    version: int


STATUS_CHANGE = RowMapper(StatusChange, PortalUser)


async def update_status(changes: Sequence[StatusChange]) -> None:
    """Write the changes, in one statement. Requires the users to be locked."""
    await STATUS_CHANGE.update(
        changes,
        computed={
            "idle_since": "COALESCE(v.idle_since, portal_user.idle_since)",
            "idle_warned_at": "CASE WHEN v.idle_since IS NULL THEN portal_user.idle_warned_at END",
        },
    )


async def erase(ids: list[UUID]) -> None:
    """Deletes the users and, by cascade, all that is theirs (K32)."""
    await write("DELETE FROM portal_user WHERE " + is_any_of("id", ids))
