"""Audit events about a provider's staff and about the operator's commands. Only the provider's admins see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models import audit
from models.audit import AuditRow
from rules.audit_events import ProviderEvent
from rules.global_ids import text_of
from services.runtime import Runtime

CREATES = frozenset({ProviderEvent.MSSP_CREATED, ProviderEvent.PORTAL_CREATED, ProviderEvent.STAFF_CREATED})


async def record(
    runtime: Runtime,
    event: ProviderEvent,
    mssp_id: UUID,
    at: datetime,
    *,
    actor_id: UUID | None,
    staff_id: UUID | None = None,
    portal_id: UUID | None = None,
    changes: Sequence[dict[str, Any]] = (),
) -> None:
    """Write one audit event of the provider. Requires a transaction.

    `actor_id` is None if the operator or the system caused the event. `staff_id` and `portal_id` name the member or the
    portal that the event is about; the row's `changes` contain the global id of that object. The row's `portal_id`
    stays None, so that technicians and portal admins do not see the event.
    """
    concerned = (("staffMember", "StaffMember", staff_id), ("portal", "Portal", portal_id))
    subjects = [
        {
            "field": name,
            "before": None if event in CREATES else text_of(kind, subject_id),
            "after": text_of(kind, subject_id),
        }
        for name, kind, subject_id in concerned
        if subject_id is not None
    ]
    row = AuditRow(
        id=runtime.new_id(),
        at=at,
        event=event,
        actor_id=actor_id,
        mssp_id=mssp_id,
        portal_id=None,
        user_id=None,
        changes=[*subjects, *changes],
    )
    await audit.record([row])
