"""Create a portal with its first admin (W1), and change a portal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from models.portals import changes as portal_changes
from models.portals import lookup as portals
from models.portals.lookup import LicensedPortal
from rules.access import Actor
from rules.administration import portals as rules
from rules.audit_events import ProviderEvent
from rules.messages.bulk import BulkMessage
from rules.policies.presets import PolicyPreset, policy_of
from rules.refusals import Faults, Refusal
from rules.text.folding import sort_key
from services import provider_events
from services.administration import first_admin, tags
from services.administration.admins import acting_admin
from services.administration.first_admin import FirstAdmin
from services.grants import new_portals
from services.runtime import Runtime

WITHOUT_TEXTS = frozenset({"supportContact"})
"""Fields whose values are not written to the audit log, because they may name a person."""


async def create(
    runtime: Runtime, actor: Actor, given: Mapping[str, Any], preset: PolicyPreset | None, admin: FirstAdmin
) -> LicensedPortal:
    """Create a portal, and mail an invitation to its first admin, in one transaction (W1).

    `given` holds slug, name, start_page_url, support_contact and tags. `preset` is the portal's policy. The admin is
    INTERNAL and holds no seat. If the policy requires a missing name, the admin enters it when accepting the
    invitation. Raise Refusal(INVALID_INPUT) or Refusal(INVALID_EMAIL) with all faults. Raise the refusals of
    `acting_admin`.
    """
    with Faults() as faults:
        with faults.collect():
            values = rules.validate(given)
        with faults.collect():
            invitee = first_admin.validate(admin)

    async def write() -> LicensedPortal:
        at = runtime.now()
        again = await acting_admin(actor, at)
        portal_id = await store_portal(runtime, again.mssp_id, values, preset, at, actor=again)
        portal = (await portals.by_id(again, [portal_id]))[portal_id]
        await first_admin.invite(runtime, again, portal, invitee, at)
        return (await portals.by_id(again, [portal_id]))[portal_id]

    return await runtime.transactions.run(write)


async def store_portal(
    runtime: Runtime,
    mssp_id: UUID,
    values: Mapping[str, Any],
    preset: PolicyPreset | None,
    at: datetime,
    *,
    actor: Actor | None,
) -> UUID:
    """Store a portal without users, with its first catalogue and its audit event. Return the portal's id.

    `values` come from `rules.administration.portals.validate`. `actor` is None for the operator, who gives no tags.
    Requires a transaction. Raise Refusal(INVALID_INPUT) if the slug is taken or the MSSP has MOST_PORTALS portals.
    """
    rules.check_portal_count(await portal_changes.number_of(mssp_id))
    stored = {column: value for column, value in values.items() if column != "tags"}
    portal_id = runtime.new_id()
    portal = {
        "id": portal_id,
        "mssp_id": mssp_id,
        **stored,
        "name_key": sort_key(stored["name"]),
        **(policy_of(preset) if preset else {}),
    }
    if not await portal_changes.add(portal):
        raise rules.slug_taken(stored["slug"])
    await new_portals.fill_catalogue(runtime, portal_id, preset)
    changes = _changes({}, stored) + provider_events.field_changes({}, {"preset": preset})
    if actor is not None:
        row = (await portals.by_id(actor, [portal_id]))[portal_id].row
        changes += await tags.replace(runtime, actor, row, values.get("tags", ()))
    await provider_events.record(
        runtime,
        ProviderEvent.PORTAL_CREATED,
        mssp_id,
        at,
        actor_id=actor.id if actor else None,
        portal_id=portal_id,
        changes=changes,
    )
    return portal_id


async def update(runtime: Runtime, actor: Actor, portal_id: UUID | None, given: Mapping[str, Any]) -> LicensedPortal:
    """Change the given values of a portal: name, is_active, in_production, start_page_url, support_contact or tags.

    Raise Refusal(NOT_FOUND) if the actor may not see the portal. Raise Refusal(INVALID_INPUT) with all faults. Raise
    the refusals of `acting_admin`.
    """
    values = rules.validate(given)

    async def write() -> LicensedPortal:
        again, portal, at = await lock_portal(runtime, actor, portal_id)
        before = portal.row
        columns = {name: value for name, value in values.items() if name != "tags" and value != getattr(before, name)}
        changes = _changes(before._asdict(), columns)
        if "tags" in values:
            changes += await tags.replace(runtime, again, before, values["tags"])
        if not changes:
            return portal
        if columns:
            keys = {"name_key": sort_key(columns["name"])} if "name" in columns else {}
            await portal_changes.change(before.id, {**columns, **keys})
        await provider_events.record(
            runtime,
            ProviderEvent.PORTAL_UPDATED,
            before.mssp_id,
            at,
            actor_id=again.id,
            portal_id=before.id,
            changes=changes,
        )
        return (await portals.by_id(again, [before.id]))[before.id]

    return await runtime.transactions.run(write)


async def lock_portal(runtime: Runtime, actor: Actor, portal_id: UUID | None) -> tuple[Actor, LicensedPortal, datetime]:
    """Lock the portal, then read the actor, the portal and the time. Requires a transaction.

    Raise Refusal(NOT_FOUND) if the actor may not see the portal. Raise the refusals of `acting_admin`.
    """
    await portals.lock([portal_id] if portal_id else [])
    at = runtime.now()
    again = await acting_admin(actor, at)
    portal = (await portals.by_id(again, [portal_id])).get(portal_id) if portal_id else None
    if portal is None:
        raise Refusal(BulkMessage.NO_SUCH_PORTAL, path=("id",))
    return again, portal, at


def _changes(before: Mapping[str, Any], columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the `changes` of a portal's audit event.

    `before` and `columns` hold the old and the new values by column. `before` is empty for a new portal.
    """
    fields = {column: rules.INPUT_FIELDS[column] for column in columns}
    changes = provider_events.field_changes(
        {field: before.get(column) for column, field in fields.items()},
        {field: columns[column] for column, field in fields.items()},
    )
    return [{"field": c["field"], "before": None, "after": None} if c["field"] in WITHOUT_TEXTS else c for c in changes]
