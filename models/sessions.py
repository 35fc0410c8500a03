"""Sessions: sign-ins that live until they expire or their row is revoked, and the refresh tokens that prolong them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.accounts import StaffMember
from models.dialect import is_any_of
from models.fields import KeyField
from models.rows import Shape
from models.sql import Sql, sql, write
from rules.access import Role


class AccountSession(Model):
    """A sign-in; nothing revives one that ended."""

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

    class Meta:
        table = "account_session"
        indexes = [Index(fields=("user_id",)), Index(fields=("staff_id",)), Index(fields=("expires_at",))]
        constraints = [CheckConstraint("(staff_id IS NULL) <> (user_id IS NULL)", "account_session_has_one_account")]


class RefreshToken(Model):
    """One token of a session's family: good until it is replaced. It is derived from the id and the nonce."""

    id = fields.UUIDField(primary_key=True)
    session: fields.ForeignKeyRelation[AccountSession] = fields.ForeignKeyField(
        "models.AccountSession", on_delete=fields.CASCADE
    )
    nonce = KeyField()
    token_hash = KeyField(unique=True)
    created_at = fields.DatetimeField()
    replaced_at = fields.DatetimeField(null=True)

    class Meta:
        table = "refresh_token"
        indexes = [Index(fields=("session_id", "id"))]


class SessionRow(NamedTuple):
    """A session with the account behind it: exactly one of `staff` and `user` has columns."""

    id: UUID
    expires_at: datetime
    revoked_at: datetime | None
    staff_id: UUID | None
    staff_mssp_id: UUID | None
    staff_name: str | None
    staff_role: Role | None
    staff_is_active: bool | None
    user_id: UUID | None


SESSION = Shape(
    SessionRow,
    "a",
    staff_id="s.id",
    staff_mssp_id="s.mssp_id",
    staff_name="s.name",
    staff_role="s.role",
    staff_is_active="s.is_active",
)


async def end_of_users(user_ids: list[UUID], at: datetime, *, but: UUID | None = None) -> None:
    """Revokes every living session of these portal users, by row (L9); `but` is one that goes on."""
    await _end(is_any_of("user_id", user_ids), at, but)


async def end_of_staff(staff_ids: list[UUID], at: datetime, *, but: UUID | None = None) -> None:
    """The same of members of staff."""
    await _end(is_any_of("staff_id", staff_ids), at, but)


async def _end(whose: Sql, at: datetime, but: UUID | None) -> None:
    spared = sql(" AND id <> ?", but) if but else ""
    await write(sql("UPDATE account_session SET revoked_at = ? WHERE revoked_at IS NULL AND ", at) + whose + spared)
