"""Wrong passwords, counted by account and source, and the sources that an account has signed in from."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.accounts import StaffMember
from models.fields import KeyField


class SignInAttempts(Model):
    """Consecutive wrong passwords of one account from one source. The key is an HMAC: unknown logins have rows as well,
    so that they cost the same, and nobody reads here what was typed."""

    key = KeyField(primary_key=True)
    failures = fields.IntField()
    last_at = fields.DatetimeField()

    class Meta:
        table = "sign_in_attempts"
        indexes = [Index(fields=("last_at",))]


class KnownSource(Model):
    """A source that an account has signed in from; it has a counter of its own, which strangers cannot fill."""

    id = fields.UUIDField(primary_key=True)
    staff: fields.ForeignKeyNullableRelation[StaffMember] = fields.ForeignKeyField(
        "models.StaffMember", null=True, on_delete=fields.CASCADE
    )
    user: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "models.PortalUser", null=True, on_delete=fields.CASCADE
    )
    source = KeyField()
    last_at = fields.DatetimeField()

    class Meta:
        table = "known_source"
        unique_together = (("staff", "source"), ("user", "source"))
        constraints = [CheckConstraint("(staff_id IS NULL) <> (user_id IS NULL)", "known_source_has_one_account")]
