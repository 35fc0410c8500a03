"""Hand over the role of a portal's admin to another user, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.users import listing as user_listing
from models.users import lookup as users
from models.users.selection.conditions import UserConditions, UserQuery
from models.users.table import UserRow
from rules import access
from rules.access import Actor, Role
from rules.administration.adminship import FROM, TO, decide_transfer
from rules.lifecycle.actions import Action
from rules.lifecycle.counters import is_counted_admin
from rules.lifecycle.statuses import Status
from rules.messages.administration import AdminshipMessage
from rules.messages.edits import EditMessage
from rules.refusals import Faults, Refusal
from services.grants import access_writes
from services.lifecycle import effects
from services.lifecycle.effects import PlannedChange
from services.lifecycle.portal_locks import lock_portals_of
from services.runtime import Runtime

_COUNTED = tuple(status for status in Status if is_counted_admin(Role.PORTAL_ADMIN, status))


@dataclass(frozen=True, slots=True)
class TransferResult:
    """The two users after the role of an admin was handed over from one to the other."""

    new_admin: UserRow
    former_admin: UserRow


async def transfer(
    runtime: Runtime, actor: Actor, to_user_id: UUID | None, from_user_id: UUID | None, *, from_only_admin: bool
) -> TransferResult:
    """Hand over the role of an admin from one user to another user of the same portal. End the sessions of both.

    If `from_only_admin` is true, `from_user_id` is ignored, and the portal's only admin who is not DEACTIVATED hands
    over. Raise Refusal with one of these codes:

    - NOT_FOUND if the actor does not manage a user with one of the ids. An id of None belongs to no user.
    - INVALID_INPUT if one of the users cannot take part in a handover.
    - INVALID_INPUT if `from_only_admin` is true and the portal does not have exactly one such admin.
    - ADMIN_LIMIT_REACHED if the portal would have more admins than its policy allows.
    - NOT_ALLOWED if the actor does not manage users.
    - UNAUTHENTICATED if the actor's access has ended.
    """
    access.require_management(actor)
    if from_only_admin:
        from_user_id = await _only_admin(actor, to_user_id, runtime.now())

    async def write() -> TransferResult:
        return await _transfer(runtime, actor, to_user_id, from_user_id, from_only_admin=from_only_admin)

    return await runtime.transactions.run(write)


async def _transfer(
    runtime: Runtime, actor: Actor, to_user_id: UUID | None, from_user_id: UUID | None, *, from_only_admin: bool
) -> TransferResult:
    ids = sorted({user_id for user_id in (to_user_id, from_user_id) if user_id})
    locked = await lock_portals_of(runtime, actor, ids)
    found = await users.lock(locked.actor, ids, list(locked.portals))
    with Faults() as faults:
        with faults.collect():
            successor = _user(found, to_user_id, TO)
        with faults.collect():
            former = _user(found, from_user_id, FROM)
    state = locked.portal_states[successor.portal_id]
    if from_only_admin and state.counted_admins > 1:
        raise Refusal(AdminshipMessage.SEVERAL_ADMINS, path=FROM)
    loses, gains = decide_transfer(former, successor, state)

    changes = [PlannedChange(former, loses), PlannedChange(successor, gains)]
    actor_id, at = locked.actor.id, locked.at
    await effects.apply_action(runtime, Action.CHANGE_ROLE, changes, locked.portals, at, actor_id=actor_id)
    await effects.record_changes(runtime, Action.CHANGE_ROLE, changes, at, actor_id=actor_id)
    await access_writes.take_admin_only(runtime, locked.actor, changes, at)
    stored = await users.by_id(locked.actor, ids)
    return TransferResult(stored[successor.id], stored[former.id])


async def _only_admin(actor: Actor, to_user_id: UUID | None, at: datetime) -> UUID:
    """Return the id of the portal's only admin who is not DEACTIVATED. `to_user_id` is a user of the portal.

    Raise Refusal(NOT_FOUND) if the user does not exist, or Refusal(INVALID_INPUT) if there is no such admin, or
    several.
    """
    to = _user(await users.by_id(actor, [to_user_id] if to_user_id else []), to_user_id, TO)
    admins = UserQuery(to.portal_id, filter=UserConditions(role_in=(Role.PORTAL_ADMIN,), status_in=_COUNTED))
    found = await user_listing.ids_of(actor, admins, (), (), at, 2)
    if len(found) != 1:
        raise Refusal(AdminshipMessage.SEVERAL_ADMINS if found else AdminshipMessage.NO_ADMIN, path=FROM)
    return found[0]


def _user(found: dict[UUID, UserRow], user_id: UUID | None, path: tuple[str, ...]) -> UserRow:
    user = found.get(user_id) if user_id else None
    if user is None:
        raise Refusal(EditMessage.NO_SUCH_USER, path=path)
    return user
