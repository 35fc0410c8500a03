"""Locks on the portals of users who change. The actor and the portals are read again after the locks are taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.auth import actors
from models.portals import lookup as portals
from models.portals.lookup import LicensedPortal
from models.users import lookup as users
from rules import access
from rules.access import Actor, access_ended
from rules.lifecycle.decision_types import PortalState
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class LockedPortals:
    """Locked portals, with the actor and the portals as read at the time `at`, after the locks were taken.

    - `portals`: the portals by id.
    - `portal_states`: the seats and admins of each portal by id. Each decision about a user updates them.
    """

    actor: Actor
    at: datetime
    portals: Mapping[UUID, LicensedPortal]
    portal_states: Mapping[UUID, PortalState]


async def lock_portals_of(runtime: Runtime, actor: Actor, user_ids: Sequence[UUID]) -> LockedPortals:
    """Lock the portals of the users, as `lock_portals` does. Users that the actor does not manage are ignored."""
    locked = await lock_portals(runtime, actor, await users.portals_of(actor, user_ids))
    if locked.actor.assigned is actor.assigned:
        return locked
    # A new assignment that is read otherwise has replaced the technician's: other portals are within reach now.
    return await lock_portals_of(runtime, locked.actor, user_ids)


async def lock_portals(runtime: Runtime, actor: Actor, portal_ids: Iterable[UUID]) -> LockedPortals:
    """Lock the portals in order of id, then read the time, the actor and the portals again.

    Portals that the actor may not see are left out of the result. Requires a transaction. Raise
    Refusal(UNAUTHENTICATED) if the actor's access has ended, or Refusal(NOT_ALLOWED) if the actor does not manage
    users.
    """
    ordered = sorted(portal_ids)
    await portals.lock(ordered)
    at = runtime.now()
    current = await actors.acting(actor.id, actor.session_id, at)
    if current is None:
        raise access_ended()
    access.require_management(current)
    found = await portals.by_id(current, ordered)
    return LockedPortals(current, at, found, {portal_id: portal.state_at(at) for portal_id, portal in found.items()})
