"""The enums of a portal's license seats, of its tiles and of the presets of its policy."""

from __future__ import annotations

from enum import Enum

import strawberry

from resolvers.enums.declare import declare
from rules.lifecycle.licenses import SeatMode
from rules.policies.presets import DIFFERENCES, PolicyPreset

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


_CHILD = DIFFERENCES[PolicyPreset.CHILD_USERS]

declare(
    PolicyPreset,
    "PolicyPreset",
    "A named policy. Settings that its description does not name have their defaults; `mfaRequired`, `reasonRequired` and"
    " `deletedNameRetentionDays` stay as they are.",
    {
        "LICENSED_PORTAL": "A portal whose users need licenses: `seatMode` ON_ACTIVATION, required FIRST_NAME and EMAIL, no"
        " suspension of idle users.",
        "MSSP_PORTAL": "A portal that the MSSP runs with one admin of the tenant: `maxAdmins` 1, `seatMode` UNLIMITED,"
        " required FIRST_NAME and EMAIL, no suspension of idle users.",
        "EXTERNAL_USERS": "A portal for external users, who may be added by name alone: `seatMode` ON_ACTIVATION, required"
        " FIRST_NAME, no suspension of idle users.",
        "CHILD_USERS": "A portal with strict accounts: idle users are suspended after"
        f" {_CHILD['idle_suspend_days']} days, passwords expire after {_CHILD['password_max_age_days']} days, `seatMode` UNLIMITED, required FIRST_NAME, LAST_NAME and EMAIL.",
        "CUSTOMER_ACCOUNT": "An account of a customer, whose users are invited by address: required EMAIL, links valid for"
        f" {DIFFERENCES[PolicyPreset.CUSTOMER_ACCOUNT]['invitation_ttl_hours']} hours, `seatMode` UNLIMITED, no suspension of idle users.",
    },
)
