"""What the audit log says of a provider's staff and of the command line; only the provider's admins see it."""

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
    """Write one event of the provider, inside the caller's transaction.

    `actor_id` is None for the command line and for what happens by itself. The member of staff or the portal concerned
    stands in the changes, by its global id. The row names no portal: so neither technicians nor a portal's admins see it.
    """
    concerned = (("staffMember", "StaffMember", staff_id), ("portal", "Portal", portal_id))
    subjects = [
        {"field": name, "before": None if event in CREATES else text_of(kind, id), "after": text_of(kind, id)}
        for name, kind, id in concerned
        if id is not None
    ]
    row = AuditRow(
        id=runtime.new_id(),
        at=at,
        event=event,
        actor_id=actor_id,
        mssp_id=mssp_id,
        portal_id=None,
        user_id=None,
        reason=None,
        changes=[*subjects, *changes],
        operation_id=None,
    )
    await audit.record([row])
