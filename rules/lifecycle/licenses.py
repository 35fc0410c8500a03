"""Does this status hold a seat, and are there any left?"""

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
    """Whether a user of that kind in that status holds a seat; None is a deleted user."""
    if kind is Kind.INTERNAL or mode is SeatMode.UNLIMITED or status is None:
        return False
    return status in SEATED or (mode is SeatMode.ON_INVITE and status is Status.PROVISIONED)


def seats_available(total: int | None, used: int) -> int | None:
    """How many seats can still be taken: never below 0, and None (unlimited) when `total` is."""
    return None if total is None else max(0, total - used)
