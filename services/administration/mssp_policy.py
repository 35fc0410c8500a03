"""The policy of an MSSP: whether its staff must have a second factor."""

from __future__ import annotations

from models import providers, staff
from models.providers import MsspRow
from rules.access import Actor
from rules.audit_events import ProviderEvent
from rules.messages.administration import StaffMessage
from rules.refusals import Refusal
from services import provider_events
from services.administration.admins import acting_admin
from services.runtime import Runtime


async def change(runtime: Runtime, actor: Actor, *, staff_mfa_required: bool | None) -> MsspRow:
    """Set whether the staff of the actor's MSSP must have a second factor. Return the MSSP.

    None changes nothing. Raise Refusal(NOT_ALLOWED) if `staff_mfa_required` is true and the actor has no second factor,
    because the actor could not undo the change. Raise the refusals of `acting_admin`.
    """

    async def write() -> MsspRow:
        rows = await staff.lock(actor, actor.id)
        at = runtime.now()
        admin = await acting_admin(actor, at)
        before = (await providers.by_id(admin, [admin.mssp_id]))[admin.mssp_id]
        if staff_mfa_required is None or staff_mfa_required == bool(before.staff_mfa_required):
            return before
        if staff_mfa_required and not rows[admin.id].mfa_enrolled:
            raise Refusal(StaffMessage.OWN_FACTOR_FIRST, path=("staffMfaRequired",))

        await providers.require_second_factors(admin.mssp_id, is_required=staff_mfa_required)
        await provider_events.record(
            runtime,
            ProviderEvent.MSSP_POLICY_CHANGED,
            admin.mssp_id,
            at,
            actor_id=admin.id,
            changes=provider_events.field_changes(
                {"staffMfaRequired": bool(before.staff_mfa_required)}, {"staffMfaRequired": staff_mfa_required}
            ),
        )
        return (await providers.by_id(admin, [admin.mssp_id]))[admin.mssp_id]

    return await runtime.transactions.run(write)
