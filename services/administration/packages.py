"""Enter and change license packages. Packages are bought outside the product (E2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models import licenses
from models.licenses import PackageRow
from models.portals import lookup as portals
from models.portals.lookup import LicensedPortal
from rules.access import Actor
from rules.administration import license_packages as rules
from rules.audit_events import ProviderEvent
from rules.messages.administration import LicensePackageMessage
from rules.messages.bulk import BulkMessage
from rules.refusals import Refusal
from services import provider_events
from services.administration.admins import acting_admin
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class WrittenPackage:
    """A license package as stored, and its portal.

    `over_at_end` is the number of seats that will be missing when the package ends, if nothing else changes: 10 if 60
    seats are used and 50 remain. None if the package has no end.
    """

    row: PackageRow
    portal: LicensedPortal
    over_at_end: int | None


async def create(runtime: Runtime, actor: Actor, portal_id: UUID | None, given: Mapping[str, Any]) -> WrittenPackage:
    """Enter a license package for a portal. `given` holds name, seats, starts_at and ends_at.

    Raise Refusal(NOT_FOUND) if the actor may not see the portal. Raise Refusal(INVALID_INPUT) if a value is not valid,
    or if the portal has MOST_PACKAGES packages. Raise the refusals of `acting_admin`.
    """
    values = rules.validate(given)
    rules.check_period(values["starts_at"], values["ends_at"])

    async def write() -> WrittenPackage:
        again, portal, at = await _lock(runtime, actor, portal_id)
        if portal is None:
            raise Refusal(BulkMessage.NO_SUCH_PORTAL, path=("portalId",))
        rules.check_package_count(len(portal.packages))
        package = PackageRow(id=runtime.new_id(), portal_id=portal.row.id, **values)
        await add(runtime, again.mssp_id, package, at, actor_id=again.id)
        return _written(portal, package, at)

    return await runtime.transactions.run(write)


async def add(runtime: Runtime, mssp_id: UUID, package: PackageRow, at: datetime, *, actor_id: UUID | None) -> None:
    """Store a new license package and its audit event. Requires the portal to be locked, or to be new.

    `mssp_id` is the portal's provider. `actor_id` is None for the operator.
    """
    await licenses.add(package)
    await _record(runtime, mssp_id, at, ProviderEvent.LICENSE_PACKAGE_CREATED, package, {}, actor_id=actor_id)


async def update(runtime: Runtime, actor: Actor, package_id: UUID | None, given: Mapping[str, Any]) -> WrittenPackage:
    """Change the given values of a license package: name, seats, starts_at or ends_at.

    A new end is always accepted, even if fewer seats than are in use remain after the end (E1). The users then keep
    their seats, and other users get none. Raise the refusals of `acting_admin`, or Refusal with one of these codes:

    - SEATS_IN_USE if another change leaves fewer seats than are in use now.
    - NOT_FOUND if the actor may not see the package.
    - INVALID_INPUT if a value is not valid.
    """
    values = rules.validate(given)

    async def write() -> WrittenPackage:
        seen = (await portals.packages(actor, [package_id])).get(package_id) if package_id else None
        again, portal, at = await _lock(runtime, actor, seen.portal_id if seen else None)
        before = portal.package(package_id) if portal else None
        if portal is None or before is None:
            raise Refusal(LicensePackageMessage.NO_SUCH_PACKAGE, path=("id",))
        after = before._replace(**values)
        if values.get("starts_at") is not None:
            rules.check_period(after.starts_at, after.ends_at)
        _check_seats(portal, before, after._replace(ends_at=before.ends_at), at)

        if after != before:
            await licenses.change(after)
            event, values_before = ProviderEvent.LICENSE_PACKAGE_UPDATED, _values(before)
            await _record(runtime, again.mssp_id, at, event, after, values_before, actor_id=again.id)
        return _written(portal, after, at)

    return await runtime.transactions.run(write)


async def _lock(
    runtime: Runtime, actor: Actor, portal_id: UUID | None
) -> tuple[Actor, LicensedPortal | None, datetime]:
    """Lock the portal, then read the actor, the portal and the time.

    The portal is None if `portal_id` is None or the actor may not see the portal.
    """
    await portals.lock([portal_id] if portal_id else [])
    at = runtime.now()
    again = await acting_admin(actor, at)
    portal = (await portals.by_id(again, [portal_id])).get(portal_id) if portal_id else None
    return again, portal, at


def _check_seats(portal: LicensedPortal, before: PackageRow, after: PackageRow, at: datetime) -> None:
    """Raise Refusal(SEATS_IN_USE) if the change from `before` to `after` removes seats that are in use."""
    field = rules.INPUT_FIELDS["seats" if after.seats < before.seats else "starts_at"]
    rules.check_seats_in_use(
        portal.seats_total(at), portal.with_package(after).seats_total(at), portal.row.seats_used, field
    )


def _written(portal: LicensedPortal, package: PackageRow, at: datetime) -> WrittenPackage:
    changed = portal.with_package(package)
    over = None
    if package.ends_at is not None:
        over = rules.users_beyond_seats(changed.seats_total(max(at, package.ends_at)), portal.row.seats_used)
    return WrittenPackage(package, changed, over)


async def _record(
    runtime: Runtime,
    mssp_id: UUID,
    at: datetime,
    event: ProviderEvent,
    package: PackageRow,
    before: Mapping[str, Any],
    *,
    actor_id: UUID | None,
) -> None:
    await provider_events.record(
        runtime,
        event,
        mssp_id,
        at,
        actor_id=actor_id,
        portal_id=package.portal_id,
        package_id=package.id,
        changes=provider_events.field_changes(before, _values(package)),
    )


def _values(package: PackageRow) -> dict[str, Any]:
    """Return the values that can change, by input field, such as `{"seats": 50}`."""
    return {field: getattr(package, column) for column, field in rules.INPUT_FIELDS.items()}
