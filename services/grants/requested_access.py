"""Read what is needed to change access: the named entries, the access to copy, and the grants that users hold."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from models.grants import catalogue, of_users
from models.users import lookup as users
from models.users.table import UserRow
from rules.access import Actor
from rules.grants.access_changes import (
    LIST_FIELDS,
    AccessChange,
    AccessRequest,
    ResolvedAccess,
    resolve_access,
    unknown_entry_faults,
)
from rules.grants.held_access import HeldAccess, Levels
from rules.grants.kinds import GrantableKind
from rules.messages.bulk import AccessChangeMessage
from rules.refusals import Refusal, raise_all

ACCESS, COPY = "access", "copyFromUserId"
"""The input fields that say which access users get."""

MOST_GRANTS = 50_000
"""The maximum number of grants of one call: the catalogue entries that a user gets, summed over all users."""


@dataclass(frozen=True, slots=True)
class CopiedAccess:
    """A request to copy the access of the user `user_id`, as it is when the call runs.

    `user_id` is None if the sent id is not the id of a user.
    """

    user_id: UUID | None


async def given_to_all(actor: Actor, asked: AccessChange | CopiedAccess) -> ResolvedAccess:
    """Return the access that a bulk call gives to all its users. Its catalogue entries are read from the database.

    Raise Refusal(NOT_FOUND) with a fault for each entry that the actor cannot see, or that is in the list of another
    kind. Raise Refusal(NOT_FOUND) also if the access is copied from a user that the actor does not manage.
    """
    if isinstance(asked, CopiedAccess):
        return await _copied(actor, asked)
    found = await catalogue.by_id(actor, asked.ids())
    raise_all(fault.inside(ACCESS, LIST_FIELDS.values()) for fault in unknown_entry_faults(asked, found))
    return resolve_access(asked, found)


async def _copied(actor: Actor, asked: CopiedAccess) -> ResolvedAccess:
    source = (await users.by_id(actor, [asked.user_id])).get(asked.user_id) if asked.user_id else None
    if source is None:
        raise Refusal(AccessChangeMessage.NO_USER_TO_COPY, path=(COPY,))
    held = (await of_users.grants(actor, [source.id])).get(source.id, [])
    lists = {
        kind: {each.grantable.id: each.level for each in held if each.grantable.kind is kind} for kind in GrantableKind
    }
    return ResolvedAccess(
        source.portal_access,
        source.all_sub_accounts,
        lists,
        {COPY: frozenset(each.grantable.portal_id for each in held)},
        has_admin_only=any(each.grantable.admin_only for each in held),
    )


async def given_to_each(actor: Actor, asked: Sequence[AccessChange | None]) -> list[ResolvedAccess | None]:
    """Return the access of each row of a call, in order, or None for a row without a change.

    One SQL statement reads the catalogue entries of all rows. If a row names an entry that the actor cannot see, the
    row's `absent` contains the entry's input field, and only this row is refused later.
    """
    ids = [id for change in asked if change for id in change.ids()]
    found = await catalogue.by_id(actor, ids) if ids else {}
    return [resolve_access(change, found) if change else None for change in asked]


async def requests(
    actor: Actor, given: Sequence[tuple[UserRow, ResolvedAccess]], field: str | None
) -> list[AccessRequest]:
    """Combine each user's change of access with the grants that the user holds now. Return the requests in order.

    Only grants of the changed kinds are read. `field` is the input field that a refusal names, or None if each user has
    a separate change. Requires the users to be locked, or to be new. Raise Refusal(TOO_MANY_USERS) if the users would
    get more than MOST_GRANTS entries in total.
    """
    number = sum(len(levels) for _, change in given for levels in change.lists.values())
    if number > MOST_GRANTS:
        raise Refusal(
            AccessChangeMessage.TOO_MANY_GRANTS, path=(field,) if field else None, grants=number, maximum=MOST_GRANTS
        )
    kinds = {kind for _, change in given for kind in change.lists}
    held = await of_users.held_levels(actor, [user.id for user, _ in given], kinds) if kinds else {}
    shared: dict[Hashable, AccessRequest] = {}
    return [_shared(shared, change, user, held.get(user.id, {})) for user, change in given]


def _shared(
    shared: dict[Hashable, AccessRequest], given: ResolvedAccess, user: UserRow, held: Mapping[GrantableKind, Levels]
) -> AccessRequest:
    """Return the AccessRequest of the user. Users with the same change and the same grants get the same object.

    `shared` holds the objects that were made so far. `held` are the user's grants before the change, by kind.
    """
    of_kinds = frozenset((kind, id(levels)) for kind, levels in held.items())
    key = (id(given), user.portal_access, user.all_sub_accounts, of_kinds)
    if key not in shared:
        shared[key] = AccessRequest.of(given, HeldAccess(user.portal_access, user.all_sub_accounts, held))
    return shared[key]
