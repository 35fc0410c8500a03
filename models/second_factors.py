"""Second factors: TOTP secrets, sealed with the server's key, and recovery codes, hashed."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.accounts import StaffMember
from models.fields import KeyField


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
