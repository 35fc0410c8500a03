"""Which counters of a portal count a given user. The counters are columns of the portal's row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from rules.access import Role
from rules.lifecycle.statuses import CATEGORY, Category, Status, StatusReason


def is_enabled_admin(role: Role, status: Status | None, *, portal_access: bool) -> bool:
    """Return whether a user with these values counts as an enabled admin of the portal (E19).

    An admin without access to the portal does not count. `status` is None for a user who does not exist.
    """
    is_enabled = status is not None and CATEGORY[status] is Category.ENABLED
    return role is Role.PORTAL_ADMIN and is_enabled and portal_access


def is_counted_admin(role: Role, status: Status | None) -> bool:
    """Return whether a user with these values counts towards the portal's maximum number of admins (L2).

    All admins count, except DEACTIVATED ones. `status` is None for a user who does not exist.
    """
    return role is Role.PORTAL_ADMIN and status is not None and status is not Status.DEACTIVATED


class CountedUser(NamedTuple):
    """The columns of a user that decide which counters of the portal include the user."""

    status: Status
    status_reason: StatusReason | None
    role: Role
    holds_seat: bool
    portal_access: bool


def counter_changes(
    before: Mapping[tuple[UUID, CountedUser], int], after: Mapping[tuple[UUID, CountedUser], int]
) -> dict[UUID, dict[str, int]]:
    """Return what to add to the counters of each portal: `{portal_id: {"active": 1, "staged": -1}}`.

    `before` and `after` count the same users before and after their change: `{(portal_id, CountedUser(…)): 3}`. New
    users are only in `after`, and deleted users only in `before`.
    """
    changes: dict[UUID, Counter[str]] = {}
    for sign, counted in ((-1, before), (1, after)):
        for (portal_id, user), number in counted.items():
            held = {"holds_seat": user.holds_seat, "portal_access": user.portal_access}
            for name in increments(user.status, user.status_reason, user.role, **held):
                changes.setdefault(portal_id, Counter())[name] += sign * number
    found = {portal_id: {name: n for name, n in added.items() if n} for portal_id, added in changes.items()}
    return {portal_id: added for portal_id, added in found.items() if added}


def increments(
    status: Status, status_reason: StatusReason | None, role: Role, *, holds_seat: bool, portal_access: bool
) -> Counter[str]:
    """Return the counters that count a user with these values, such as `Counter(active=1, seats_used=1)`."""
    names = [status.value.lower()]
    if status is Status.DEACTIVATED and status_reason is StatusReason.WAITING_FOR_SEAT:
        names.append("waiting_for_seat")
    if holds_seat:
        names.append("seats_used")
    if is_enabled_admin(role, status, portal_access=portal_access):
        names.append("enabled_admins")
    if is_counted_admin(role, status):
        names.append("counted_admins")
    return Counter(names)


class TileKind(StrEnum):
    """What a license tile counts. GraphQL: LicenseTileKind."""

    ACTIVE_USERS = "ACTIVE_USERS"
    INACTIVE_USERS = "INACTIVE_USERS"
    OPEN_INVITES = "OPEN_INVITES"
    LOCKED_USERS = "LOCKED_USERS"
    WAITING_FOR_SEAT = "WAITING_FOR_SEAT"


def _of(*statuses: Status) -> tuple[str, ...]:
    return tuple(status.value.lower() for status in statuses)


def _in(category: Category) -> tuple[str, ...]:
    return _of(*(status for status, found in CATEGORY.items() if found is category))


TILE_COUNTERS: Mapping[TileKind, tuple[str, ...]] = {
    TileKind.ACTIVE_USERS: _in(Category.ENABLED),
    TileKind.INACTIVE_USERS: _in(Category.DISABLED),
    TileKind.OPEN_INVITES: _in(Category.UNCONFIRMED),
    TileKind.LOCKED_USERS: _of(Status.LOCKED_OUT, Status.SUSPENDED),
    TileKind.WAITING_FOR_SEAT: ("waiting_for_seat",),
}
"""Maps each kind of tile to the counters of the portal that are summed up for it."""
