"""Add, change and delete the entries of a portal's catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models import audit
from models.audit import AuditRow
from models.grants import catalogue, of_users
from models.grants.table import GrantableRow
from models.portals.lookup import LicensedPortal
from rules import access
from rules.access import Actor, Role
from rules.audit_events import PortalEvent
from rules.global_ids import text_of
from rules.grants import entries as rules
from rules.grants.kinds import TYPE_NAMES, GrantableKind
from rules.messages.administration import GrantableMessage
from rules.messages.bulk import BulkMessage
from rules.refusals import Refusal
from services.lifecycle.portal_locks import LockedPortals, lock_portals
from services.provider_events import field_changes
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class GivenEntry:
    """A catalogue entry as the caller has given it, before it is checked. A field that was not given is None."""

    kind: GrantableKind
    name: str
    app: str | None = None
    admin_only: bool | None = None

    def validate(self, *, is_new: bool) -> dict[str, Any]:
        """Return the values by column, cleaned for storage. Raise Refusal(INVALID_INPUT) with all faults."""
        return rules.validate(self.kind, name=self.name, app=self.app, admin_only=self.admin_only, is_new=is_new)


async def add(runtime: Runtime, actor: Actor, portal_id: UUID | None, given: GivenEntry) -> GrantableRow:
    """Add an entry to the portal's catalogue.

    Raise Refusal(NOT_FOUND) if the actor may not see the portal. Raise Refusal(INVALID_INPUT) if a value is not valid,
    the name is taken, or the catalogue is full. Raise the refusals of `lock_portals`.
    """
    access.require_management(actor)
    values = given.validate(is_new=True)

    async def write() -> GrantableRow:
        locked, portal = await _lock(runtime, actor, portal_id)
        new = GrantableRow(
            id=runtime.new_id(),
            portal_id=portal.row.id,
            kind=given.kind,
            **{"app": "", "app_key": "", "admin_only": False, **values},
        )
        rules.check_entry_count(given.kind, await catalogue.number_of(locked.actor, portal.row.id, given.kind))
        rules.check_name(new.name, is_taken=await catalogue.is_taken(locked.actor, new))

        await catalogue.add([new])
        await _record(runtime, locked, PortalEvent.GRANTABLE_ADDED, new, field_changes({}, _shown(new)))
        return new

    return await runtime.transactions.run(write)


async def change(
    runtime: Runtime, actor: Actor, portal_id: UUID | None, grantable_id: UUID | None, given: GivenEntry
) -> GrantableRow:
    """Change an entry of the portal's catalogue. The values in `given` that are None do not change.

    Raise the refusals of `lock_portals`, or Refusal with one of these codes:

    - NOT_FOUND if the portal has no entry with this id and with the kind `given.kind`.
    - NOT_ALLOWED for the system group.
    - INVALID_INPUT if a value is not valid or the name is taken.
    - INVALID_INPUT if the entry becomes admin-only, and a user who is no admin holds it.
    """
    access.require_management(actor)
    values = given.validate(is_new=False)

    async def write() -> GrantableRow:
        locked, portal = await _lock(runtime, actor, portal_id)
        before = await _entry(locked.actor, grantable_id)
        if (before.portal_id, before.kind) != (portal.row.id, given.kind):
            raise _no_such_entry()
        after = before._replace(**values)
        if after == before:
            return before
        rules.check_not_system(is_system=before.is_system)
        rules.check_name(after.name, is_taken=await catalogue.is_taken(locked.actor, after))
        if after.admin_only and not before.admin_only:
            rules.check_holders(await of_users.count_holders(locked.actor, after.id, without_role=Role.PORTAL_ADMIN))

        await catalogue.change(after)
        await _record(
            runtime, locked, PortalEvent.GRANTABLE_CHANGED, after, field_changes(_shown(before), _shown(after))
        )
        return after

    return await runtime.transactions.run(write)


async def delete(runtime: Runtime, actor: Actor, grantable_id: UUID | None, *, dry_run: bool) -> int:
    """Delete an entry and its grants. Return the number of users who held the entry.

    A dry run changes nothing. Raise Refusal(NOT_FOUND) if the actor may not see the entry, or Refusal(NOT_ALLOWED) for
    the system group. Raise the refusals of `lock_portals`.
    """
    access.require_management(actor)

    async def write() -> int:
        seen = await _entry(actor, grantable_id)
        locked, _ = await _lock(runtime, actor, seen.portal_id)
        entry = await _entry(locked.actor, grantable_id)
        rules.check_not_system(is_system=entry.is_system)
        holders = await of_users.count_holders(locked.actor, entry.id)
        if dry_run:
            return holders

        await of_users.take_from_all(entry.id)
        await catalogue.delete(entry.id)
        lost = field_changes({**_shown(entry), "users": holders}, {**dict.fromkeys(_shown(entry)), "users": 0})
        await _record(runtime, locked, PortalEvent.GRANTABLE_DELETED, entry, lost)
        return holders

    return await runtime.transactions.run(write)


async def _lock(runtime: Runtime, actor: Actor, portal_id: UUID | None) -> tuple[LockedPortals, LicensedPortal]:
    locked = await lock_portals(runtime, actor, [portal_id] if portal_id else [])
    portal = locked.portals.get(portal_id) if portal_id else None
    if portal is None:
        raise Refusal(BulkMessage.NO_SUCH_PORTAL, path=("portalId",))
    return locked, portal


async def _entry(actor: Actor, grantable_id: UUID | None) -> GrantableRow:
    found = await catalogue.by_id(actor, [grantable_id] if grantable_id else [])
    if grantable_id not in found:
        raise _no_such_entry()
    return found[grantable_id]


def _no_such_entry() -> Refusal:
    return Refusal(GrantableMessage.NO_SUCH_GRANTABLE, path=("id",))


def _shown(entry: GrantableRow) -> Mapping[str, Any]:
    """Return the values of a catalogue entry, keyed by the name of the schema's field.

    A field that entries of this kind do not have is None.
    """
    return {
        "kind": entry.kind,
        "name": entry.name,
        "app": entry.app or None,
        "adminOnly": entry.admin_only if entry.kind is GrantableKind.MODULE else None,
    }


async def _record(
    runtime: Runtime, locked: LockedPortals, event: PortalEvent, entry: GrantableRow, changes: Sequence[dict[str, Any]]
) -> None:
    """Write the portal's audit event about the entry. The event's `changes` begin with the entry's id."""
    entry_id = text_of(TYPE_NAMES[entry.kind], entry.id)
    named = {
        "field": "grantable",
        "before": None if event is PortalEvent.GRANTABLE_ADDED else entry_id,
        "after": None if event is PortalEvent.GRANTABLE_DELETED else entry_id,
    }
    await audit.record(
        [
            AuditRow(
                id=runtime.new_id(),
                at=locked.at,
                event=event,
                actor_id=locked.actor.id,
                mssp_id=locked.portals[entry.portal_id].row.mssp_id,
                portal_id=entry.portal_id,
                user_id=None,
                changes=[named, *changes],
            )
        ]
    )
