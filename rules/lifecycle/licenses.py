"""License seats: which users hold a seat, and how many seats are available."""

from __future__ import annotations

from enum import StrEnum

from rules.lifecycle.statuses import Status


class SeatMode(StrEnum):
    """When an EXTERNAL user begins to hold a license seat. With UNLIMITED, users never hold a seat."""

    UNLIMITED = "UNLIMITED"
    ON_ACTIVATION = "ON_ACTIVATION"
    ON_INVITE = "ON_INVITE"


class UserKind(StrEnum):
    """The kind of a user: a person of the tenant (EXTERNAL) or of the provider (INTERNAL). GraphQL: UserKind."""

    EXTERNAL = "EXTERNAL"
    INTERNAL = "INTERNAL"


SEATED = frozenset({Status.ACTIVE, Status.AWAITING_NEW_PASSWORD, Status.RECOVERY, Status.LOCKED_OUT, Status.SUSPENDED})
"""Statuses in which an EXTERNAL user holds a seat. With SeatMode.ON_INVITE, a PROVISIONED user holds a seat too."""


def holds_seat(kind: UserKind, status: Status | None, mode: SeatMode) -> bool:
    """Return whether a user of this kind and status holds a seat in the seat mode.

    `status` is None for a deleted user, who holds no seat.
    """
    if kind is UserKind.INTERNAL or mode is SeatMode.UNLIMITED or status is None:
        return False
    return status in SEATED or (mode is SeatMode.ON_INVITE and status is Status.PROVISIONED)


def seats_available(total: int | None, used: int) -> int | None:
    """Return how many seats are free. Both `total` and the result are None if seats are unlimited."""
    return None if total is None else max(0, total - used)
