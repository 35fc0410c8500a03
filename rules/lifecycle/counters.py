"""Decide which counters of a portal count a given user. The counters are columns of the portal's row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from rules.access import Role
from rules.lifecycle.statuses import CATEGORY, Category, Status, StatusReason


def is_enabled_admin(role: Role, status: Status | None, *, portal_access: bool) -> bool:
    """Return whether a user with these values is an enabled admin who may use the portal.

    An admin whose access to the portal is closed can manage no users, so the admin does not keep the portal from being
    without one (E19). `status` is None for a user who does not exist.
    """
    is_enabled = status is not None and CATEGORY[status] is Category.ENABLED
    return role is Role.PORTAL_ADMIN and is_enabled and portal_access


def is_counted_admin(role: Role, status: Status | None) -> bool:
    """Return whether a user with these values counts against the portal's maximum number of admins (L2).

    Admins count in each status except DEACTIVATED. `status` is None for a user who does not exist.
    """
    return role is Role.PORTAL_ADMIN and status is not None and status is not Status.DEACTIVATED


def increments(
    status: Status, status_reason: StatusReason | None, role: Role, *, holds_seat: bool, portal_access: bool
) -> Counter[str]:
    """Return 1 for each counter of the portal that counts a user with these values, by the counter's column."""
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
"""The counters of the portal whose sum is the count of the tile, by kind."""
