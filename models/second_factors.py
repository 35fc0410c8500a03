"""Second factors: TOTP secrets, sealed with the server's key, and recovery codes, hashed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.accounts import StaffMember
from models.dialect import insert, is_any_of
from models.fields import KeyField
from models.rows import Shape
from models.sql import fetch, sql, write


class SecondFactor(Model):
    """An account's TOTP secret. Enrolled once `confirmed_at` is set; `last_step` is the newest time step that was used."""

    id = fields.UUIDField(primary_key=True)
    staff: fields.OneToOneNullableRelation[StaffMember] = fields.OneToOneField(
        "models.StaffMember", null=True, on_delete=fields.CASCADE, related_name=False
    )
    user: fields.OneToOneNullableRelation[Model] = fields.OneToOneField(
        "models.PortalUser", null=True, on_delete=fields.CASCADE, related_name=False
    )
    sealed_secret = fields.TextField()
    created_at = fields.DatetimeField()
    confirmed_at = fields.DatetimeField(null=True)
    last_step = fields.BigIntField(default=0)

    class Meta:
        table = "second_factor"
        constraints = [CheckConstraint("(staff_id IS NULL) <> (user_id IS NULL)", "second_factor_has_one_account")]


class RecoveryCode(Model):
    """One of an account's ten codes for when the second factor is lost; good once."""

    id = fields.UUIDField(primary_key=True)
    factor: fields.ForeignKeyRelation[SecondFactor] = fields.ForeignKeyField(
        "models.SecondFactor", on_delete=fields.CASCADE
    )
    code_hash = KeyField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "recovery_code"
        indexes = [Index(fields=("factor_id",))]


class FactorRow(NamedTuple):
    """Enrolled once `confirmed_at` is set; `last_step` is the newest time step that was used."""

    id: UUID
    staff_id: UUID | None
    user_id: UUID | None
    sealed_secret: str
    created_at: datetime
    confirmed_at: datetime | None
    last_step: int


class RecoveryRow(NamedTuple):
    id: UUID
    factor_id: UUID
    code_hash: str
    used_at: datetime | None


FACTOR = Shape(FactorRow, "f")
FACTOR_COLUMNS = {
    "id": "uuid",
    "staff_id": "uuid",
    "user_id": "uuid",
    "sealed_secret": "text",
    "created_at": "timestamptz",
    "confirmed_at": "timestamptz",
    "last_step": "bigint",
}
RECOVERY_COLUMNS = {"id": "uuid", "factor_id": "uuid", "code_hash": "text", "used_at": "timestamptz"}


async def of_account(account_id: UUID, *, is_staff: bool) -> FactorRow | None:
    """The account's second factor, confirmed or not yet."""
    column = "f.staff_id" if is_staff else "f.user_id"
    found = FACTOR.read(
        await fetch(f"SELECT {FACTOR.columns} FROM second_factor f WHERE " + sql(f"{column} = ?", account_id))
    )
    return found[0] if found else None


async def store(factor: FactorRow, codes: Sequence[RecoveryRow]) -> None:
    """Writes a new second factor with its recovery codes."""
    await insert("second_factor", FACTOR_COLUMNS, [factor])
    await insert("recovery_code", RECOVERY_COLUMNS, codes)


async def confirm(factor: FactorRow, step: int, at: datetime) -> None:
    """The factor is enrolled from now on; the code that proved it is used."""
    await write(sql("UPDATE second_factor SET confirmed_at = ?, last_step = ? WHERE id = ?", at, step, factor.id))
    await _flag(factor.staff_id or factor.user_id, at, is_enrolled=True, is_staff=factor.staff_id is not None)


async def use_step(factor: FactorRow, step: int) -> bool:
    """Uses a time step, once; False when it or a later one was used before, however many come at once."""
    used = await write(
        sql("UPDATE second_factor SET last_step = ? WHERE id = ? AND last_step < ? RETURNING id", step, factor.id, step)
    )
    return bool(used)


async def use_recovery_code(factor: FactorRow, code_hashes: Iterable[str], at: datetime) -> bool:
    """Uses a recovery code, once; False when there is none such, or it was used before."""
    used = await write(
        sql("UPDATE recovery_code SET used_at = ? WHERE factor_id = ? AND used_at IS NULL AND ", at, factor.id)
        + is_any_of("code_hash", code_hashes)
        + " RETURNING id"
    )
    return bool(used)


async def take_away(account_ids: Sequence[UUID], *, of_staff: bool = False) -> None:
    """Deletes these accounts' second factors and recovery codes, also such as were never confirmed."""
    await write("DELETE FROM second_factor WHERE " + is_any_of("staff_id" if of_staff else "user_id", account_ids))


async def disable(factor: FactorRow, at: datetime) -> None:
    """The account has no second factor any more."""
    is_staff = factor.staff_id is not None
    account_id = factor.staff_id or factor.user_id
    assert account_id, "one account"  # noqa: S101  # for the type checker: a constraint says so
    await take_away([account_id], of_staff=is_staff)
    await _flag(account_id, at, is_enrolled=False, is_staff=is_staff)


async def _flag(account_id: UUID | None, at: datetime, *, is_enrolled: bool, is_staff: bool) -> None:
    if is_staff:
        await write(sql("UPDATE staff_member SET mfa_enrolled = ? WHERE id = ?", is_enrolled, account_id))
        return
    await write(
        sql(
            "UPDATE portal_user SET mfa_enrolled = ?, modified_at = ?, version = version + 1 WHERE id = ?",
            *(is_enrolled, at, account_id),
        )
    )
