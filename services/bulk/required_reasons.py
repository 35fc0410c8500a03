"""The check that staff give a reason or a ticket if a portal's policy requires it."""

from __future__ import annotations

from rules.bulk_limits import MOST_PORTALS_NAMED
from rules.messages.bulk import BulkMessage
from rules.refusals import Refusal
from services.bulk.plan import RunOptions
from services.lifecycle.portal_locks import LockedPortals


def require_reason(locked: LockedPortals, options: RunOptions) -> None:
    """Raise Refusal(REASON_REQUIRED) if staff give neither a reason nor a ticket, and a locked portal requires one.

    `options` include the reason and the ticket of a preview. The refusal names at most MOST_PORTALS_NAMED of these
    portals.
    """
    if options.reason or options.ticket or not locked.actor.is_staff:
        return
    slugs = sorted(portal.row.slug for portal in locked.portals.values() if portal.row.reason_required)
    if slugs:
        raise Refusal(
            BulkMessage.NO_REASON,
            path=("options",),
            portals=", ".join(slugs[:MOST_PORTALS_NAMED]),
            count=len(slugs),
        )
