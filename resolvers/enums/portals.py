"""The enums of a portal's license seats and of its tiles."""

from __future__ import annotations

from enum import Enum

import strawberry

from resolvers.enums.declare import declare
from rules.lifecycle.licenses import SeatMode

declare(
    SeatMode,
    "SeatMode",
    "When an EXTERNAL user takes a license seat.",
    {
        "UNLIMITED": "Never: the number of users is not limited by seats.",
        "ON_ACTIVATION": "While the user is enabled or suspended.",
        "ON_INVITE": "While the user is invited (PROVISIONED), enabled or suspended.",
    },
)


@strawberry.enum(description="What a license tile counts.")
class LicenseTileKind(Enum):
    ACTIVE_USERS = strawberry.enum_value("ACTIVE_USERS", description="Users in category ENABLED.")
    INACTIVE_USERS = strawberry.enum_value("INACTIVE_USERS", description="Users in category DISABLED.")
    OPEN_INVITES = strawberry.enum_value("OPEN_INVITES", description="Users in category UNCONFIRMED.")
    LOCKED_USERS = strawberry.enum_value(
        "LOCKED_USERS",
        description="Users with status LOCKED_OUT or SUSPENDED: those that `unlockUsers` unlocks. The former are part of"
        " ACTIVE_USERS, the latter of INACTIVE_USERS.",
    )
    WAITING_FOR_SEAT = strawberry.enum_value(
        "WAITING_FOR_SEAT",
        description="DEACTIVATED users that wait for a license seat. Part of INACTIVE_USERS.",
    )
