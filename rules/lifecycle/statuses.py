"""The statuses of a user, their categories and reasons."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """The status of a user. GraphQL: UserStatus."""

    STAGED = "STAGED"
    PROVISIONED = "PROVISIONED"
    ACTIVE = "ACTIVE"
    AWAITING_NEW_PASSWORD = "AWAITING_NEW_PASSWORD"
    RECOVERY = "RECOVERY"
    LOCKED_OUT = "LOCKED_OUT"
    SUSPENDED = "SUSPENDED"
    DEACTIVATED = "DEACTIVATED"


class Category(StrEnum):
    """The list that a user is in: enabled, disabled or unconfirmed. GraphQL: UserCategory."""

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"
    UNCONFIRMED = "UNCONFIRMED"


class StatusReason(StrEnum):
    """Why a user has the current status."""

    ADMIN_ACTION = "ADMIN_ACTION"
    IDLE = "IDLE"
    TOO_MANY_FAILED_SIGN_INS = "TOO_MANY_FAILED_SIGN_INS"
    PASSWORD_EXPIRED = "PASSWORD_EXPIRED"
    RESET_REQUESTED_BY_ADMIN = "RESET_REQUESTED_BY_ADMIN"
    WAITING_FOR_SEAT = "WAITING_FOR_SEAT"


CATEGORY = {
    Status.STAGED: Category.UNCONFIRMED,
    Status.PROVISIONED: Category.UNCONFIRMED,
    Status.ACTIVE: Category.ENABLED,
    Status.AWAITING_NEW_PASSWORD: Category.ENABLED,
    Status.RECOVERY: Category.ENABLED,
    Status.LOCKED_OUT: Category.ENABLED,
    Status.SUSPENDED: Category.DISABLED,
    Status.DEACTIVATED: Category.DISABLED,
}
"""The category of each status. Every status has exactly one category (L4)."""

UNCONFIRMED = frozenset(status for status in Status if CATEGORY[status] is Category.UNCONFIRMED)
ENABLED = frozenset(status for status in Status if CATEGORY[status] is Category.ENABLED)
DISABLED = frozenset(status for status in Status if CATEGORY[status] is Category.DISABLED)

RESUMABLE = frozenset({Status.ACTIVE, Status.AWAITING_NEW_PASSWORD, Status.RECOVERY})
"""The statuses of ENABLED except LOCKED_OUT. UNLOCK and ACTIVATE restore the user's last status of this set."""
