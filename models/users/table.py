"""Users of portals: the table and its row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.db.fields import KeyField
from models.db.partial_indexes import PartialIndex
from models.db.rows import RowMapper
from models.portals.table import Portal
from models.providers import Mssp
from rules.access import Role
from rules.accounts import AccountKey, AccountKind
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Category, Status, StatusReason
from rules.text import folding

ORDERED = (
    "first_name_sort",
    "last_name_sort",
    "username_sort",
    "email_sort",
    "last_sign_in_sort",
    "added_at",
    "modified_at",
    "status_changed_at",
    "kind",
)
"""The sort columns that have an index of their own, on the portal, the category, the sort column and the id.

A list of several categories is merged from several ranges of the index, one for each category.
"""


class PortalUser(Model):
    """A user of one portal.

    - The columns `…_key`, `…_sort`, `…_rank`, `search_text` and `username_look` are computed from other columns.
    - `username_look`: the skeleton of the username. Null if it equals `username_key`, as for usernames in ASCII.
    - `idle_since`: the latest of three times: the last sign-in, the last refresh of a session, and the change to
      ENABLED. A refresh is stored at most once a day.
    - `idle_warned_at`: when the user was warned in the current idle period.
    - `password_is_short`: the password is accepted only together with a second factor.
    - `portal_access`: false if the user cannot use the portal.
    - `all_sub_accounts`: the user has every sub-account of the portal, including later ones.
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
    pending_email_is_own = fields.BooleanField(default=False)
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
    portal_access = fields.BooleanField(default=True)
    all_sub_accounts = fields.BooleanField(default=False)

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
            *(Index(fields=("portal_id", "category", column, "id")) for column in ORDERED),
            Index(fields=("portal_id", "status_rank", "role_rank", "id")),
            # Partial, because nearly all users have no value here, and each update of a user writes every full index.
            PartialIndex(
                name="portal_user_pending_email",
                fields=("portal_id", "pending_email_key"),
                where="pending_email_key IS NOT NULL",
            ),
            PartialIndex(
                name="portal_user_username_look",
                fields=("portal_id", "username_look"),
                where="username_look IS NOT NULL",
            ),
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
    kind: UserKind
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
    reset_mailed_at: datetime | None
    verification_mailed_at: datetime | None
    added_at: datetime
    modified_at: datetime
    version: int
    locked_for_good: bool = False
    """Whether the lock of a LOCKED_OUT user has no end time. Then only an admin or a new password ends the lock."""
    last_sign_in_at: datetime | None = None
    pending_email_is_own: bool = False
    """Whether the user began the pending change of e-mail. The user can then sign in until the address is verified."""
    portal_access: bool = True
    all_sub_accounts: bool = False

    @property
    def key(self) -> AccountKey:
        return AccountKey(AccountKind.PORTAL_USER, self.id)

    @property
    def name(self) -> str:
        return folding.display_name(self.first_name, self.last_name, self.email, self.username)


USER = RowMapper(UserRow, PortalUser, "u")

NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""The `last_sign_in_sort` of users who never signed in. It sorts after the time of every sign-in (T22)."""

STATUS_RANK = {status: rank for rank, status in enumerate(Status)}
ROLE_RANK = {Role.PORTAL_ADMIN: 0, Role.PORTAL_USER: 1}


def sort_columns(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of `last_sign_in_sort`, `status_rank` and `role_rank`, computed from a user's other columns."""
    return {
        "last_sign_in_sort": columns["last_sign_in_at"] or NEVER,
        "status_rank": STATUS_RANK[columns["status"]],
        "role_rank": ROLE_RANK[columns["role"]],
    }
