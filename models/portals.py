"""Portals: one tenant's customer portal each, with its policy and the counters behind its tiles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.db.columns import columns_of
from models.db.dialect import NO_ROW, contains, is_any_of, locked
from models.db.fields import KeyField
from models.db.rows import RowMapper, cells_of
from models.db.sql import Sql, all_of, fetch, sql, write
from models.db.writes import table_of
from models.licenses import PACKAGE, PackageRow, runs_at
from models.staff import Mssp, StaffRow
from rules.access import Actor, Role
from rules.lifecycle.decisions import PortalState
from rules.lifecycle.licenses import SeatMode, seats_available
from rules.lifecycle.statuses import CATEGORY, Category, Status

COUNTERS = (*(status.value.lower() for status in Status), "waiting_for_seat", "seats_used", "enabled_admins")
"""The counter columns: users by status, those waiting for a seat, seats used, admins in ENABLED."""


class Portal(Model):
    """A tenant's portal. The last columns count its users; only a transaction that locked the row writes them."""

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

    password_sign_in_enabled = fields.BooleanField(default=True)
    password_reset_ttl_hours = fields.IntField(default=24)
    invitation_ttl_hours = fields.IntField(default=168)
    verification_code_ttl_minutes = fields.IntField(default=10)
    lockout_threshold = fields.IntField(default=10)
    lockout_minutes = fields.IntField(null=True, default=15)
    idle_suspend_days = fields.IntField(null=True, default=90)
    deactivated_retention_days = fields.IntField(default=30)
    max_admins = fields.IntField(null=True)
    mfa_required = fields.BooleanField(default=False)
    password_max_age_days = fields.IntField(null=True)
    seat_mode = KeyField(default=SeatMode.ON_ACTIVATION.value)
    required_user_fields = fields.JSONField[list[str]](default=["FIRST_NAME", "EMAIL"])

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

    class Meta:
        table = "portal"
        indexes = [Index(fields=("mssp_id", "name_key", "id"))]
        constraints = [CheckConstraint(" AND ".join(f"{name} >= 0" for name in COUNTERS), "portal_counts_from_zero")]


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

    def users_in(self, category: Category) -> int:
        """How many users of the portal are in the category, from the counters."""
        return sum(getattr(self, status.value.lower()) for status, c in CATEGORY.items() if c is category)


PORTAL = RowMapper(PortalRow, Portal, "p")


def column_default(name: str) -> object:
    """Return the value that a column has in a new portal."""
    columns = columns_of(Portal)
    return columns[name].default


@dataclass(frozen=True, slots=True)
class LicensedPortal:
    """A portal with its packages, as one statement read them."""

    row: PortalRow
    packages: tuple[PackageRow, ...]

    def seats_total(self, at: datetime) -> int | None:
        """The sum of the packages that run at that moment; None is unlimited."""
        if self.row.seat_mode is SeatMode.UNLIMITED:
            return None
        return sum(package.seats for package in self.packages if package.runs_at(at))

    def seats_available(self, at: datetime) -> int | None:
        return seats_available(self.seats_total(at), self.row.seats_used)

    def place(self, at: datetime) -> PortalState:
        """The portal as the rules see it, before anybody is decided."""
        return PortalState(
            id=self.row.id,
            is_active=self.row.is_active,
            password_sign_in_enabled=self.row.password_sign_in_enabled,
            seat_mode=self.row.seat_mode,
            seats_total=self.seats_total(at),
            seats_used=self.row.seats_used,
            packages_running=any(package.runs_at(at) for package in self.packages),
            enabled_admins=self.row.enabled_admins,
        )


def reach(actor: Actor, portal_id: str, mssp_id: str | None = None) -> Sql:
    """Return the condition that the portal named by that column is within the actor's reach; the root of every door.

    `mssp_id` is the same table's column that names the provider. Where there is one the condition names it for staff,
    because the indexes of lists over many portals begin with it.
    """
    if actor.role is Role.MSSP_ADMIN:
        if mssp_id:
            return sql(f"{mssp_id} = ?", actor.mssp_id)
        return sql(f"{portal_id} IN (SELECT r.id FROM portal r WHERE r.mssp_id = ?)", actor.mssp_id)
    if actor.role is Role.MSSP_TECHNICIAN:
        within = sql(f"{mssp_id} = ? AND ", actor.mssp_id) if mssp_id else Sql("")
        assigned = "SELECT r.portal_id FROM technician_assignment r WHERE r.staff_id = ?"
        return within + sql(f"{portal_id} IN ({assigned})", actor.id)
    return sql(f"{portal_id} = ?", actor.portal_id)


def managed(actor: Actor, portal_id: str, mssp_id: str | None = None) -> Sql:
    """Return the same for what only those see who manage users: nothing for a portal user."""
    return reach(actor, portal_id, mssp_id) if actor.manages_users else NO_ROW


def visible_to(actor: Actor) -> Sql:
    """Return which portals p the actor may see; a portal user sees the own one, without policy and tiles."""
    return reach(actor, "p.id", "p.mssp_id")


async def by_id(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, LicensedPortal]:
    """The portals among `ids` that the actor may see, with their packages; one statement."""
    return await licensed(visible_to(actor) + " AND " + is_any_of("p.id", ids))


async def licensed(where: Sql) -> dict[UUID, LicensedPortal]:
    """Portals with their packages, in the order of their names."""
    records = await fetch(
        f"SELECT {PORTAL.columns}, {PACKAGE.columns} FROM portal p LEFT JOIN license_package l ON l.portal_id = p.id"
        " WHERE " + where + " ORDER BY p.name_key, p.id, l.name, l.id"
    )
    width = len(PortalRow._fields)
    rows = {row.id: row for row in PORTAL.read(records)}
    packages: dict[UUID, list[PackageRow]] = {id: [] for id in rows}
    for package in PACKAGE.read([r for r in records if cells_of(r)[width] is not None], start=width):
        packages[package.portal_id].append(package)
    return {id: LicensedPortal(row, tuple(packages[id])) for id, row in rows.items()}


async def lock(ids: list[UUID]) -> None:
    """Locks the portals' rows in id order: what every writer does first, so that no two wait for each other."""
    await fetch(locked("SELECT p.id FROM portal p WHERE " + is_any_of("p.id", ids) + " ORDER BY p.id", "p"))


async def adjust_counters(deltas: dict[UUID, dict[str, int]], at: datetime) -> set[UUID]:
    """Adds to the counters of locked portals; gives the portals written.

    Seats are guarded: a portal that would go above what its running packages hold is left alone, whatever was decided.
    """
    rows = [{"id": id, **dict.fromkeys(COUNTERS, 0), **delta} for id, delta in deltas.items()]
    added = ", ".join(f"{name} = portal.{name} + v.{name}" for name in COUNTERS)
    statement = (
        f"UPDATE portal SET {added} FROM "
        + table_of("v", Portal, ("id", *COUNTERS), rows)
        + " WHERE portal.id = v.id AND (v.seats_used <= 0"
        + sql(" OR portal.seat_mode = ?", SeatMode.UNLIMITED)
        + " OR portal.seats_used + v.seats_used <="
        + " (SELECT COALESCE(SUM(l.seats), 0) FROM license_package l WHERE l.portal_id = portal.id AND "
        + runs_at(at)
        + ")) RETURNING portal.id"
    )
    return {UUID(str(row["id"])) for row in await write(statement)}


def named(words: Sequence[str]) -> Sql:
    """Portals p whose name or slug holds each of the folded words."""
    return all_of(contains("p.name_key", word) + " OR " + contains("p.slug", word) for word in words)


def of_staff(member: StaffRow) -> Sql:
    """Portals p that a member of staff reaches."""
    if member.role is Role.MSSP_ADMIN:
        return sql("p.mssp_id = ?", member.mssp_id)
    return sql("p.id IN (SELECT r.portal_id FROM technician_assignment r WHERE r.staff_id = ?)", member.id)


async def by_slug(actor: Actor, slug: str) -> LicensedPortal | None:
    """The portal with that slug, if the actor may see it."""
    found = await licensed(visible_to(actor) + sql(" AND p.slug = ?", slug))
    return next(iter(found.values()), None)


async def packages(actor: Actor, ids: list[UUID]) -> dict[UUID, PackageRow]:
    """The license packages among `ids` in portals that the actor manages."""
    rows = await fetch(
        f"SELECT {PACKAGE.columns} FROM license_package l WHERE "
        + managed(actor, "l.portal_id")
        + " AND "
        + is_any_of("l.id", ids)
    )
    return {package.id: package for package in PACKAGE.read(rows)}
