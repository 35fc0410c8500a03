"""Audit events about an MSSP, its staff and the operator's commands. Only the MSSP's admins see these events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models import audit
from models.audit import AuditRow
from rules.audit_events import ProviderEvent
from rules.global_ids import text_of
from rules.instants import rfc_3339
from services.runtime import Runtime

CREATES = {
    ProviderEvent.PORTAL_CREATED: "portal",
    ProviderEvent.LICENSE_PACKAGE_CREATED: "licensePackage",
    ProviderEvent.STAFF_CREATED: "staffMember",
    ProviderEvent.STAFF_INVITED: "staffMember",
}
"""Maps an event to the field of `changes` whose new value is the id of the created object. The old value is None."""


def field_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the `changes` of an audit event: one item for each field that differs in `after`.

    An item is `{"field": …, "before": …, "after": …}`. A field that `before` lacks has the earlier value None.
    """
    return [
        {"field": name, "before": _text(before.get(name)), "after": _text(value)}
        for name, value in after.items()
        if value != before.get(name)
    ]


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return rfc_3339(value)
    return None if value is None else str(value)


DELETES = {ProviderEvent.PORTAL_DELETED: "portal", ProviderEvent.STAFF_DELETED: "staffMember"}
"""Maps an event to the field of `changes` whose old value is the id of the deleted object. The new value is None."""


async def record(
    runtime: Runtime,
    event: ProviderEvent,
    mssp_id: UUID,
    at: datetime,
    *,
    actor_id: UUID | None,
    staff_id: UUID | None = None,
    portal_id: UUID | None = None,
    package_id: UUID | None = None,
    changes: Sequence[dict[str, Any]] = (),
) -> None:
    """Write one audit event of the provider, as `event_row` returns it. Requires a transaction."""
    row = event_row(
        runtime,
        event,
        mssp_id,
        at,
        actor_id=actor_id,
        staff_id=staff_id,
        portal_id=portal_id,
        package_id=package_id,
        changes=changes,
    )
    await audit.record([row])


def event_row(
    runtime: Runtime,
    event: ProviderEvent,
    mssp_id: UUID,
    at: datetime,
    *,
    actor_id: UUID | None,
    staff_id: UUID | None = None,
    portal_id: UUID | None = None,
    package_id: UUID | None = None,
    changes: Sequence[dict[str, Any]] = (),
) -> AuditRow:
    """Return the row of an audit event about an MSSP. The row is not stored.

    - `actor_id`: the account that caused the event. None if the operator or the system caused it.
    - `staff_id`, `portal_id`, `package_id`: the objects that the event is about. Their global ids begin the row's
      `changes`.

    The row has no `portal_id`, so that technicians and portal admins do not see the event.
    """
    concerned = (
        ("staffMember", "StaffMember", staff_id),
        ("portal", "Portal", portal_id),
        ("licensePackage", "LicensePackage", package_id),
    )
    subjects = [
        {
            "field": name,
            "before": None if CREATES.get(event) == name else text_of(kind, subject_id),
            "after": None if DELETES.get(event) == name else text_of(kind, subject_id),
        }
        for name, kind, subject_id in concerned
        if subject_id is not None
    ]
    return AuditRow(
        id=runtime.new_id(),
        at=at,
        event=event,
        actor_id=actor_id,
        mssp_id=mssp_id,
        portal_id=None,
        user_id=None,
        changes=[*subjects, *changes],
    )
