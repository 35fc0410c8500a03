"""Events: changes of users that no admin makes, such as a lockout. Events take the same locks as bulk actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.auth import attempts, unscoped
from models.portals import lookup as portals
from models.portals.lookup import LicensedPortal
from models.users.table import UserRow
from rules.lifecycle.decision_types import PortalState
from rules.lifecycle.decisions import apply_to_portal_state
from rules.lifecycle.events import EVENTS, Event, decide_event
from rules.refusals import Refusal
from services.lifecycle import effects
from services.lifecycle.effects import PlannedChange
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class LockedUsers:
    """A locked portal, and locked users of this portal.

    `users` maps ids to the users. `at` is a time after the portal was locked. `portal_state` is the portal's state at
    this time.
    """

    portal: LicensedPortal
    portal_state: PortalState
    users: Mapping[UUID, UserRow]
    at: datetime


async def lock_users(runtime: Runtime, portal_id: UUID, user_ids: Iterable[UUID]) -> LockedUsers:
    """Lock the portal, then the given users in order of id. Users that do not exist are left out.

    Requires a transaction.
    """
    await portals.lock([portal_id])
    at = runtime.now()
    portal = await unscoped.portal(portal_id)
    return LockedUsers(portal, portal.state_at(at), await unscoped.lock_users(portal_id, user_ids), at)


async def lock_user(runtime: Runtime, user_id: UUID) -> tuple[LockedUsers, UserRow] | None:
    """Lock the user's portal, then the user. Return None if the user does not exist. Requires a transaction."""
    portal_id = await unscoped.portal_of(user_id)
    if portal_id is None:
        return None
    locked = await lock_users(runtime, portal_id, [user_id])
    return (locked, locked.users[user_id]) if user_id in locked.users else None


async def apply_event(
    runtime: Runtime,
    event: Event,
    locked: LockedUsers,
    users: Sequence[UserRow],
    *,
    actor_id: UUID | None = None,
    extra_columns: Mapping[UUID, Mapping[str, Any]] | None = None,
    keep_session: UUID | None = None,
) -> list[PlannedChange]:
    """Apply an event, such as a lockout, to each of `users`. Write the audit events, and return the changes.

    A user is left out if the rules refuse the event. `users` must be in `locked.users`. `actor_id` is the user who
    caused the event, or None for the system. `extra_columns` has values of further columns by user id, such as
    `{user_id: {"locked_for_good": True}}`. If the event ends sessions, `keep_session` continues.
    """
    spec, decided = EVENTS[event], []
    for user in users:
        try:
            decision = decide_event(event, user, locked.portal_state)
        except Refusal:
            continue
        apply_to_portal_state(locked.portal_state, decision)
        decided.append(PlannedChange(user, decision))
    await effects.write_changes(
        decided,
        {locked.portal.row.id: locked.portal},
        locked.at,
        ends_sessions=spec.ends_sessions,
        extra_columns=extra_columns,
        keep_session=keep_session,
    )
    if decided and spec.forgives_attempts:
        await attempts.reset_failures([d.user.id for d in decided])
    if decided and spec.clears_attempts:
        await attempts.delete_all_counters([d.user.id for d in decided])
    await effects.record_changes(runtime, event, decided, locked.at, actor_id=actor_id)
    return decided
