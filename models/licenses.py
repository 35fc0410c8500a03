"""License packages: seats bought for a portal, each valid for a period."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.db.rows import RowMapper
from models.db.sql import Sql, sql


class LicensePackage(Model):
    """A number of seats bought for a portal, for the period from `starts_at` to `ends_at`.

    If `starts_at` is null, the period has no beginning. If `ends_at` is null, the period has no end.
    """

    id = fields.UUIDField(primary_key=True)
    portal: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("models.Portal", on_delete=fields.CASCADE)
    name = fields.TextField()
    seats = fields.IntField()
    starts_at = fields.DatetimeField(null=True)
    ends_at = fields.DatetimeField(null=True)

    class Meta:
        table = "license_package"
        indexes = [Index(fields=("portal_id",))]
        constraints = [CheckConstraint("seats >= 0", "license_package_counts_from_zero")]


class PackageRow(NamedTuple):
    id: UUID
    portal_id: UUID
    name: str
    seats: int
    starts_at: datetime | None
    ends_at: datetime | None

    def runs_at(self, instant: datetime) -> bool:
        """Return whether the package is active at `instant`: from `starts_at` (inclusive) to `ends_at` (exclusive)."""
        return (self.starts_at is None or self.starts_at <= instant) and (
            self.ends_at is None or instant < self.ends_at
        )


PACKAGE = RowMapper(PackageRow, LicensePackage, "l")


async def add(package: PackageRow) -> None:
    """Store a new package. Requires the portal to be locked."""
    await PACKAGE.insert([package])


async def change(package: PackageRow) -> None:
    """Store the changed values of a package. Requires the portal to be locked."""
    await PACKAGE.update([package])


def runs_at(instant: datetime) -> Sql:
    """Return the SQL condition that a license package (alias l) is active at `instant`."""
    return sql("(l.starts_at IS NULL OR l.starts_at <= ?) AND (l.ends_at IS NULL OR ? < l.ends_at)", instant, instant)
