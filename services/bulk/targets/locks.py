"""Locking the portals of a bulk run, and reading again what may have changed before the lock was held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.auth import actors
from models.portals import lookup as portals
from models.portals.lookup import LicensedPortal
from rules import access
from rules.access import Actor
from rules.lifecycle.requests import PortalState
from rules.refusals import Code, Refusal
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class LockedPortals:
    """The portals of a run and its actor, as they are at `at`, when all locks were held.

    `states` has what is left of seats and admins; deciding a user changes it.
    """

    actor: Actor
    at: datetime
    portals: Mapping[UUID, LicensedPortal]
    states: Mapping[UUID, PortalState]


async def lock_portals(runtime: Runtime, actor: Actor, portal_ids: Iterable[UUID]) -> LockedPortals:
    """Lock the portals in id order, then read the time, the actor's rights and the portals again.

    Raise Refusal(UNAUTHENTICATED) or Refusal(NOT_ALLOWED) if the actor lost access while waiting for the locks.
    """
    ordered = sorted(portal_ids)
    await portals.lock(ordered)
    at = runtime.now()
    current = await actors.acting(actor.id, actor.session_id, at)
    if current is None:
        raise Refusal(Code.UNAUTHENTICATED, "Your access has ended. Sign in again.")
    access.require_management(current)
    found = await portals.by_id(current, ordered)
    return LockedPortals(current, at, found, {portal_id: portal.state(at) for portal_id, portal in found.items()})
