"""Find, lock and read the users that a bulk call selects by ids, by filter or by preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from models.portals import lookup as portals
from models.users import listing as user_listing
from models.users import lookup as users
from models.users.selection.conditions import UserQuery
from models.users.table import UserRow
from rules.access import Actor
from rules.bulk_limits import MOST_USERS
from rules.messages.bulk import BulkMessage
from rules.refusals import Refusal, raise_all
from services.bulk.targets.previews import Preview
from services.bulk.targets.selection import (
    INPUT_FIELDS,
    ByIds,
    Matching,
    SelectedUsers,
    number_fault,
)
from services.bulk.targets.target import Target, with_users
from services.lifecycle.portal_locks import LockedPortals, lock_portals_of
from services.runtime import Runtime


async def lock_selection(
    runtime: Runtime,
    actor: Actor,
    selection: SelectedUsers,
    at: datetime,
    preview: Preview | None,
    *,
    dry_run: bool,
) -> tuple[LockedPortals, list[Target]]:
    """Lock the portals of the selected users, then the users. Return the locked portals and the targets.

    `preview` is the preview that the selection names, or None. Requires a transaction. Raise the refusals of
    `lock_portals`, or Refusal with one of these codes:

    - INVALID_INPUT if the selection is empty.
    - TOO_MANY_USERS if the selection has more than MOST_USERS users.
    - SELECTION_CHANGED if the number of matching users differs from the selection's `expected_count`.
    - NOT_FOUND if the actor may not see the portal that the selection names.
    """
    targets = await _resolve(actor, selection, at, preview, dry_run=dry_run)
    locked, found = await _lock(runtime, actor, targets)
    # While this run waited for its locks, another run may have changed which users match.
    while isinstance(selection, Matching):
        current = await _resolve(locked.actor, selection, locked.at, preview, dry_run=dry_run)
        if current == targets:
            break
        targets = current
        locked, found = await _lock(runtime, locked.actor, targets)
    return locked, with_users(targets, found)


async def _lock(
    runtime: Runtime, actor: Actor, targets: Sequence[Target]
) -> tuple[LockedPortals, Mapping[UUID, UserRow]]:
    """Lock the portals of the targets in id order, then the users in id order."""
    user_ids = list(dict.fromkeys(target.user_id for target in targets if target.user_id))
    locked = await lock_portals_of(runtime, actor, user_ids)
    return locked, await users.lock(locked.actor, user_ids, list(locked.portals))


async def _resolve(
    actor: Actor, selection: SelectedUsers, at: datetime, preview: Preview | None, *, dry_run: bool
) -> Sequence[Target]:
    """Return the targets of the selection in order. The users' rows are not read yet."""
    if isinstance(selection, ByIds):
        targets: Sequence[Target] = selection.targets
    elif isinstance(selection, Matching):
        targets = await _matching(actor, selection, at, dry_run=dry_run)
    else:
        targets = preview.targets() if preview else ()
    raise_all(number_fault(len(targets), ("users", INPUT_FIELDS[type(selection)])))
    return targets


async def _matching(actor: Actor, selection: Matching, at: datetime, *, dry_run: bool) -> list[Target]:
    which = await _in_portal(actor, selection)
    user_ids = await user_listing.ids_of(actor, which, selection.sorting, selection.exclude, at, MOST_USERS + 1)
    count = len(user_ids)
    if count > MOST_USERS:
        count = await user_listing.count_of(actor, which, selection.exclude, at)
    if selection.expected_count is not None and count != selection.expected_count:
        raise Refusal(
            BulkMessage.COUNT_CHANGED,
            path=("users", "matching", "expectedCount"),
            matching=count,
            expected=selection.expected_count,
        )
    if count > MOST_USERS:
        raise Refusal(BulkMessage.MATCHING, path=("users", "matching"), matching=count, maximum=MOST_USERS)
    return [Target.of_id(None, user_id) for user_id in user_ids]


async def _in_portal(actor: Actor, selection: Matching) -> UserQuery:
    """Return the filter `selection.which` with the id of the portal that the selection names, if it names one.

    Raise Refusal(NOT_FOUND) if the actor may not see the portal.
    """
    which, slug = selection.which, selection.portal_slug
    if which.portal_id is None and slug is None:
        return which
    portal = await portals.by_id_or_slug(actor, which.portal_id, slug)
    if portal is None:
        field = "portalId" if slug is None else "portalSlug"
        raise Refusal(BulkMessage.NO_SUCH_PORTAL, path=("users", "matching", field))
    return which._replace(portal_id=portal.row.id)
