"""License seats: which statuses hold one, and how many are left."""

from __future__ import annotations

from enum import StrEnum

from rules.lifecycle.statuses import Status


class SeatMode(StrEnum):
    UNLIMITED = "UNLIMITED"
    ON_ACTIVATION = "ON_ACTIVATION"
    ON_INVITE = "ON_INVITE"


class Kind(StrEnum):
    EXTERNAL = "EXTERNAL"
    INTERNAL = "INTERNAL"


SEATED = frozenset({Status.ACTIVE, Status.AWAITING_NEW_PASSWORD, Status.RECOVERY, Status.LOCKED_OUT, Status.SUSPENDED})
"""Statuses in which an EXTERNAL user holds a seat; with ON_INVITE, PROVISIONED too."""


def holds_seat(kind: Kind, status: Status | None, mode: SeatMode) -> bool:
    """Return whether a user of that kind and status holds a seat. `status` is None for a deleted user."""
    if kind is Kind.INTERNAL or mode is SeatMode.UNLIMITED or status is None:
        return False
    return status in SEATED or (mode is SeatMode.ON_INVITE and status is Status.PROVISIONED)


def seats_available(total: int | None, used: int) -> int | None:
    """Return how many seats can still be taken, at least 0; None if `total` is None: unlimited."""
    return None if total is None else max(0, total - used)
