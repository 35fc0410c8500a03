"""Change the policy of a portal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from models import audit
from models.audit import AuditRow
from models.policies import changes as policy_changes
from models.policies import seats
from models.portals import lookup as portals
from models.portals.lookup import LicensedPortal
from models.users import idle_columns, recount
from rules.access import Actor
from rules.audit_events import PortalEvent
from rules.housekeeping import Task, waiting_since
from rules.messages.bulk import BulkMessage
from rules.policies.policy_settings import changed_settings, changes_by_field
from rules.policies.presets import PolicyPreset, new_values
from rules.refusals import Refusal
from services.administration.admins import acting_admin
from services.runtime import Runtime


async def update_policy(
    runtime: Runtime, actor: Actor, portal_id: UUID | None, preset: PolicyPreset | None, given: Mapping[str, Any]
) -> LicensedPortal:
    """Change settings of the portal's policy, and return the portal.

    `given` holds new settings by column, and overrides the settings of `preset`. Other settings do not change. A new
    seat mode also changes which users hold a seat. Raise Refusal(INVALID_INPUT) for an invalid value, or
    Refusal(NOT_FOUND) if the actor may not see the portal. Raise the refusals of `acting_admin`.
    """
    values = new_values(preset, given)

    async def write() -> LicensedPortal:
        before = await visible_portal(actor, portal_id)
        await portals.lock([before.row.id])
        at = runtime.now()
        admin = await acting_admin(actor, at)
        before = await visible_portal(admin, portal_id)
        changes = changed_settings(before.row, values)
        if not changes:
            return before

        await policy_changes.store(before.row.id, changes)
        if "seat_mode" in changes:
            await seats.rewrite(before.row.id, changes["seat_mode"], at)
            await recount.recount([before.row.id])
        if "idle_suspend_days" in changes:
            days = changes["idle_suspend_days"]
            warned = None if days is None else waiting_since(Task.WARN_IDLE, days, at)
            await idle_columns.forget_early_warnings(before.row.id, warned)
        await audit.record(
            [
                AuditRow(
                    id=runtime.new_id(),
                    at=at,
                    event=PortalEvent.POLICY_CHANGED,
                    actor_id=admin.id,
                    mssp_id=before.row.mssp_id,
                    portal_id=before.row.id,
                    user_id=None,
                    changes=changes_by_field(before.row, changes),
                )
            ]
        )
        return await visible_portal(admin, portal_id)

    return await runtime.transactions.run(write)


async def visible_portal(actor: Actor, portal_id: UUID | None) -> LicensedPortal:
    """Return the portal. Raise Refusal(NOT_FOUND) if `portal_id` is None or the actor may not see the portal."""
    found = (await portals.by_id(actor, [portal_id])).get(portal_id) if portal_id else None
    if found is None:
        raise Refusal(BulkMessage.NO_SUCH_PORTAL, path=("portalId",))
    return found
