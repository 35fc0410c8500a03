"""Read portals with their license packages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.db.dialect import contains, is_any_of, locked_but_for_references
from models.db.rows import cells_of
from models.db.sql import Sql, all_of, fetch, sql
from models.licenses import PACKAGE, PackageRow
from models.portals.reach import assigned_to, managed, visible_to
from models.portals.table import PORTAL, PortalRow
from models.staff import StaffRow
from rules.access import Actor, Role
from rules.lifecycle.decision_types import PortalState
from rules.lifecycle.licenses import SeatMode, seats_available
from rules.text.folding import typed_key


@dataclass(frozen=True, slots=True)
class LicensedPortal:
    """A portal with its license packages."""

    row: PortalRow
    packages: tuple[PackageRow, ...]

    def seats_total(self, at: datetime) -> int | None:
        """Return the seats of all packages that are active at `at`, or None if seats are unlimited."""
        if self.row.seat_mode is SeatMode.UNLIMITED:
            return None
        return sum(package.seats for package in self.packages if package.runs_at(at))

    def package(self, package_id: UUID | None) -> PackageRow | None:
        """Return the portal's license package with this id, or None."""
        return next((package for package in self.packages if package.id == package_id), None)

    def with_package(self, package: PackageRow) -> LicensedPortal:
        """Return a copy with `package`, which replaces the package of the same id if there is one."""
        others = [each for each in self.packages if each.id != package.id]
        return LicensedPortal(self.row, tuple(sorted([*others, package], key=lambda each: (each.name, each.id))))

    def seats_available(self, at: datetime) -> int | None:
        return seats_available(self.seats_total(at), self.row.seats_used)

    def state_at(self, at: datetime) -> PortalState:
        """Return the values of the portal on which decisions depend. License packages active at `at` give its seats."""
        return PortalState(
            id=self.row.id,
            is_active=self.row.is_active,
            in_production=self.row.in_production,
            password_sign_in_enabled=self.row.password_sign_in_enabled,
            seat_mode=self.row.seat_mode,
            seats_total=self.seats_total(at),
            seats_used=self.row.seats_used,
            packages_running=any(package.runs_at(at) for package in self.packages),
            enabled_admins=self.row.enabled_admins,
            counted_admins=self.row.counted_admins or 0,
            max_admins=self.row.max_admins,
        )


async def by_id(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, LicensedPortal]:
    """Return the portals of `ids` that the actor can see, keyed by id. The function runs one statement."""
    return await licensed(visible_to(actor) + " AND " + is_any_of("p.id", ids))


def managed_portal_exists(actor: Actor, portal_id: UUID) -> Sql:
    """Return the SQL condition that the portal exists and that the actor manages its users.

    The condition has the same value for all rows of a statement.
    """
    # Without a reference to the outer statement, PostgreSQL evaluates this once, and reads no rows if it is false.
    where = managed(actor, "p.id", "p.mssp_id") + sql(" AND p.id = ?", portal_id)
    return "EXISTS (SELECT 1 FROM portal p WHERE " + where + ")"


async def is_managed(actor: Actor, portal_id: UUID) -> bool:
    """Return whether the portal exists and the actor manages its users. Runs a statement for staff only."""
    if not actor.manages_users:
        return False
    if not actor.is_staff:
        return portal_id == actor.portal_id  # the portal of an account exists
    where = visible_to(actor) + sql(" AND p.id = ?", portal_id)
    return bool(await fetch("SELECT p.id FROM portal p WHERE " + where))


async def managed_id_by_slug(actor: Actor, slug: str) -> UUID | None:
    """Return the id of the portal with this slug, or None. The actor must manage the portal's users.

    Case and white space around the slug are ignored.
    """
    if not actor.manages_users:
        return None
    where = visible_to(actor) + sql(" AND p.slug = ?", typed_key(slug))
    found = await fetch("SELECT p.id FROM portal p WHERE " + where)
    return UUID(str(cells_of(found[0])[0])) if found else None


async def managed_ids(actor: Actor) -> set[UUID]:
    """Return the ids of the portals whose users the actor manages."""
    found = await fetch("SELECT p.id FROM portal p WHERE " + managed(actor, "p.id", "p.mssp_id"))
    return {UUID(str(cells_of(record)[0])) for record in found}


async def licensed(where: Sql) -> dict[UUID, LicensedPortal]:
    """Return the portals (alias p) that meet `where`, with their license packages, keyed by id and ordered by name."""
    records = await fetch(
        f"SELECT {PORTAL.columns}, {PACKAGE.columns} FROM portal p LEFT JOIN license_package l ON l.portal_id = p.id"
        " WHERE " + where + " ORDER BY p.name_key, p.id, l.name, l.id"
    )
    width = len(PortalRow._fields)
    rows = {row.id: row for row in PORTAL.read(records)}
    packages: dict[UUID, list[PackageRow]] = {portal_id: [] for portal_id in rows}
    for package in PACKAGE.read([r for r in records if cells_of(r)[width] is not None], start=width):
        packages[package.portal_id].append(package)
    return {portal_id: LicensedPortal(row, tuple(packages[portal_id])) for portal_id, row in rows.items()}


async def lock(ids: list[UUID]) -> None:
    """Lock the portals in id order. To avoid deadlocks, lock portals before users."""
    rows = "SELECT p.id FROM portal p WHERE " + is_any_of("p.id", ids) + " ORDER BY p.id"
    await fetch(locked_but_for_references(rows, "p"))


async def lock_visible(actor: Actor, ids: Sequence[UUID]) -> set[UUID]:
    """Lock the portals of `ids` that the actor can see, in id order. Return their ids."""
    where = visible_to(actor) + " AND " + is_any_of("p.id", ids)
    rows = "SELECT p.id FROM portal p WHERE " + where + " ORDER BY p.id"
    records = await fetch(locked_but_for_references(rows, "p")) if ids else []
    return {UUID(str(cells_of(record)[0])) for record in records}


def matches_words(words: Sequence[str]) -> Sql:
    """Return the SQL condition that the folded name or the slug of a portal (alias p) contains each of `words`."""
    return all_of(contains("p.name_key", word) + " OR " + contains("p.slug", word) for word in words)


def managed_by_staff(member: StaffRow, at: datetime) -> Sql:
    """Return the SQL condition that the member of staff manages the users of a portal (alias p) at `at`."""
    if member.role is Role.MSSP_ADMIN:
        return sql("p.mssp_id = ?", member.mssp_id)
    return assigned_to(member.id, member.mssp_id, member.assigned_at(at), at, "p.id", "p.mssp_id")


async def by_slug(actor: Actor, slug: str) -> LicensedPortal | None:
    """Return the portal with this slug if the actor can see it, else None.

    Case and white space around the slug are ignored.
    """
    found = await licensed(visible_to(actor) + sql(" AND p.slug = ?", typed_key(slug)))
    return next(iter(found.values()), None)


async def by_id_or_slug(actor: Actor, portal_id: UUID | None, slug: str | None) -> LicensedPortal | None:
    """Return the portal with this slug, or with this id if `slug` is None.

    Return None if there is no such portal that the actor can see, or if both arguments are None.
    """
    if slug is not None:
        return await by_slug(actor, slug)
    return (await by_id(actor, [portal_id])).get(portal_id) if portal_id else None


async def packages(actor: Actor, ids: list[UUID]) -> dict[UUID, PackageRow]:
    """Return the license packages, keyed by id. Only packages of portals whose users the actor manages are included."""
    rows = await fetch(
        f"SELECT {PACKAGE.columns} FROM license_package l WHERE "
        + managed(actor, "l.portal_id")
        + " AND "
        + is_any_of("l.id", ids)
    )
    return {package.id: package for package in PACKAGE.read(rows)}
