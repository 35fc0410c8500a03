"""Portals: the table and its row."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.db.fields import KeyField
from models.db.model_columns import columns_of
from models.db.rows import RowMapper
from models.providers import Mssp
from rules.lifecycle.licenses import SeatMode
from rules.lifecycle.statuses import CATEGORY, Category, Status
from rules.policies.policy_settings import SETTINGS

_CHECKED_COUNTERS = (*(status.value.lower() for status in Status), "waiting_for_seat", "seats_used", "enabled_admins")
COUNTERS = (*_CHECKED_COUNTERS, "counted_admins")
"""The counter columns of a portal.

Some columns count users by status, users that wait for a seat, and used seats. One column counts enabled admins with
access to the portal. One column counts the admins that count against `max_admins`.
"""


class Portal(Model):
    """A tenant's portal. The columns in COUNTERS count its users. Lock the row before changing a counter."""

    id = fields.UUIDField(primary_key=True)
    mssp: fields.ForeignKeyRelation[Mssp] = fields.ForeignKeyField("models.Mssp", on_delete=fields.CASCADE)
    mssp_id: UUID
    slug = KeyField(unique=True)
    name = fields.TextField()
    name_key = KeyField()
    is_active = fields.BooleanField(default=True)
    in_production = fields.BooleanField(default=False)
    start_page_url = fields.TextField(null=True)
    support_contact = fields.TextField(null=True)

    password_sign_in_enabled = fields.BooleanField(default=SETTINGS["password_sign_in_enabled"].default)
    password_reset_ttl_hours = fields.IntField(default=SETTINGS["password_reset_ttl_hours"].default)
    invitation_ttl_hours = fields.IntField(default=SETTINGS["invitation_ttl_hours"].default)
    verification_code_ttl_minutes = fields.IntField(default=SETTINGS["verification_code_ttl_minutes"].default)
    lockout_threshold = fields.IntField(default=SETTINGS["lockout_threshold"].default)
    lockout_minutes = fields.IntField(null=True, default=SETTINGS["lockout_minutes"].default)
    idle_suspend_days = fields.IntField(null=True, default=SETTINGS["idle_suspend_days"].default)
    deactivated_retention_days = fields.IntField(default=SETTINGS["deactivated_retention_days"].default)
    max_admins = fields.IntField(null=True)
    mfa_required = fields.BooleanField(default=SETTINGS["mfa_required"].default)
    password_max_age_days = fields.IntField(null=True)
    seat_mode = KeyField(default=SETTINGS["seat_mode"].default.value)
    required_user_fields = fields.JSONField[list[str]](default=list(SETTINGS["required_user_fields"].default))
    # Null counts as 0. SQLite cannot rebuild the table for NOT NULL: a trigger of the audit log reads the table.
    deleted_name_retention_days = fields.IntField(null=True, default=SETTINGS["deleted_name_retention_days"].default)
    # Null counts as false, for the same reason.
    reason_required = fields.BooleanField(null=True, default=SETTINGS["reason_required"].default)

    staged = fields.IntField(default=0)
    provisioned = fields.IntField(default=0)
    active = fields.IntField(default=0)
    awaiting_new_password = fields.IntField(default=0)
    recovery = fields.IntField(default=0)
    locked_out = fields.IntField(default=0)
    suspended = fields.IntField(default=0)
    deactivated = fields.IntField(default=0)
    waiting_for_seat = fields.IntField(default=0)
    seats_used = fields.IntField(default=0)
    enabled_admins = fields.IntField(default=0)
    # Nullable and without a check, because SQLite cannot rebuild the table. Null counts as 0.
    counted_admins = fields.IntField(null=True, default=0)

    class Meta:
        table = "portal"
        indexes = [Index(fields=("mssp_id", "name_key", "id"))]
        constraints = [
            CheckConstraint(" AND ".join(f"{name} >= 0" for name in _CHECKED_COUNTERS), "portal_counts_from_zero")
        ]


class PortalRow(NamedTuple):
    id: UUID
    mssp_id: UUID
    slug: str
    name: str
    name_key: str
    is_active: bool
    in_production: bool
    start_page_url: str | None
    support_contact: str | None
    password_sign_in_enabled: bool
    password_reset_ttl_hours: int
    invitation_ttl_hours: int
    verification_code_ttl_minutes: int
    lockout_threshold: int
    lockout_minutes: int | None
    idle_suspend_days: int | None
    deactivated_retention_days: int
    max_admins: int | None
    mfa_required: bool
    password_max_age_days: int | None
    seat_mode: SeatMode
    required_user_fields: list[str]
    deleted_name_retention_days: int | None
    reason_required: bool | None
    staged: int
    provisioned: int
    active: int
    awaiting_new_password: int
    recovery: int
    locked_out: int
    suspended: int
    deactivated: int
    waiting_for_seat: int
    seats_used: int
    enabled_admins: int
    counted_admins: int | None

    def users_in(self, category: Category) -> int:
        """Return the number of the portal's users in the category, from the counters of its statuses."""
        return sum(getattr(self, status.value.lower()) for status, c in CATEGORY.items() if c is category)


PORTAL = RowMapper(PortalRow, Portal, "p")


def column_default(name: str) -> object:
    """Return the default of the column `name` in a new portal."""
    columns = columns_of(Portal)
    return columns[name].default
