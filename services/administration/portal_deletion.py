"""Delete a portal with its users. The MSSP keeps the portal's audit log."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from models.portals import changes as portal_changes
from rules.access import Actor
from rules.administration import portals as rules
from rules.audit_events import ProviderEvent
from rules.lifecycle.statuses import Category
from services import provider_events
from services.administration.portals import lock_portal
from services.lifecycle import erasure
from services.runtime import Runtime

ERASED_AT_ONCE = 1000
"""The number of users that one statement erases. The database limits the duration of a statement."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a deletion erases: the number of users, and the number of license packages."""

    users: int
    packages: int


async def delete(
    runtime: Runtime, actor: Actor, portal_id: UUID | None, confirmed: str | None, *, dry_run: bool
) -> Deletion:
    """Delete the portal and erase its users. Their sessions end, and their queued mails are dropped.

    `confirmed` is the portal's slug as the caller typed it. A dry run needs no confirmation and changes nothing. Raise
    Refusal(NOT_FOUND) if the actor may not see the portal. Raise the refusals of `acting_admin`, `check_users_erased`
    and `check_confirmation`.
    """

    async def write() -> Deletion:
        admin, portal, at = await lock_portal(runtime, actor, portal_id)
        row = portal.row
        users = sum(row.users_in(category) for category in Category)
        rules.check_users_erased(users)
        if dry_run:
            return Deletion(users, len(portal.packages))
        rules.check_confirmation(row.slug, users, confirmed)

        while ids := await portal_changes.users_of(row.id, ERASED_AT_ONCE):
            await erasure.erase(ids)
        await portal_changes.delete(row.id)
        await provider_events.record(
            runtime,
            ProviderEvent.PORTAL_DELETED,
            row.mssp_id,
            at,
            actor_id=admin.id,
            portal_id=row.id,
            changes=provider_events.field_changes(
                {"slug": row.slug, "name": row.name, "users": users}, {"slug": None, "name": None, "users": 0}
            ),
        )
        return Deletion(users, len(portal.packages))

    return await runtime.transactions.run(write)
