"""The enums of a portal's license seats, of its tiles and of the presets of its policy."""

from __future__ import annotations

from models.portals.listing import PortalOrderField
from resolvers.enums.declare import declare
from rules.lifecycle.counters import TileKind
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


declare(
    TileKind,
    "LicenseTileKind",
    "What a license tile counts.",
    {
        "ACTIVE_USERS": "Users in category ENABLED.",
        "INACTIVE_USERS": "Users in category DISABLED.",
        "OPEN_INVITES": "Users in category UNCONFIRMED.",
        "LOCKED_USERS": "Users with status LOCKED_OUT or SUSPENDED: those that `unlockUsers` unlocks. The former are part of"
        " ACTIVE_USERS, the latter of INACTIVE_USERS.",
        "WAITING_FOR_SEAT": "DEACTIVATED users that wait for a license seat. Part of INACTIVE_USERS.",
    },
)

declare(
    PortalOrderField,
    "PortalOrderField",
    "A field to sort portals by; see PortalOrder.",
    {
        "NAME": "Name, without regard to case and accents.",
        "SEATS_AVAILABLE": "Available license seats, as in `LicenseTiles.seatsAvailable`. Portals with unlimited seats have more"
        " than any other.",
        "LOCKED_USERS": "The tile LOCKED_USERS.",
        "WAITING_FOR_SEAT": "The tile WAITING_FOR_SEAT.",
        "OPEN_INVITES": "The tile OPEN_INVITES.",
    },
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
