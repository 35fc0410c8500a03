"""The locks on the portals of users who change. The actor and the portals are read again after all locks are held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.auth import actors
from models.portals import lookup as portals
from models.portals.lookup import LicensedPortal
from rules import access
from rules.access import Actor, access_ended
from rules.lifecycle.decision_types import PortalTotals
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class LockedPortals:
    """The locked portals, by id, with the actor and the portals as read after the locks were taken.

    `at` is the time after the locks were taken. `totals` holds the seats and admins of each portal. Each decision about
    a user updates `totals`.
    """

    actor: Actor
    at: datetime
    portals: Mapping[UUID, LicensedPortal]
    totals: Mapping[UUID, PortalTotals]


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
    return LockedPortals(current, at, found, {portal_id: portal.totals(at) for portal_id, portal in found.items()})
