"""The enums of a user: status, status reason, category, kind, and the fields that a portal can require."""

from __future__ import annotations

from enum import Enum

import strawberry

from resolvers.enums.declare import declare
from rules.auth.lockout import MOST_IN_A_ROW, SECOND_FACTOR_ATTEMPTS
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Category, Status, StatusReason

declare(
    Status,
    "UserStatus",
    "The state of a user's account.",
    {
        "STAGED": "Added, but not invited. The user cannot sign in.",
        "PROVISIONED": "Invited; the invitation is not accepted yet. The user cannot sign in.",
        "ACTIVE": "The normal status of a user who has accepted the invitation. Whether the user can sign in now also depends on"
        " the portal and on a pending change of the e-mail address: see `PortalUser.signInBlockers`.",
        "AWAITING_NEW_PASSWORD": "The password has expired. Signing in asks for a new one.",
        "RECOVERY": "An admin has requested a password reset. The user cannot sign in until the new password is set.",
        "LOCKED_OUT": "Locked after too many wrong passwords or codes. Existing sessions continue. Ends by unlockUsers, by"
        f" a new password, or after the portal's `lockoutMinutes`; after {MOST_IN_A_ROW} consecutive failures only by"
        " the first two.",
        "SUSPENDED": "Locked by an admin (lockUsers) or for inactivity; see `statusReason`. The user has no access until"
        " unlockUsers or activateUsers.",
        "DEACTIVATED": "The user has no access and holds no license seat. If `statusReason` is WAITING_FOR_SEAT, the"
        " user waits for a seat.",
    },
)

declare(
    Category,
    "UserCategory",
    "A group of statuses; each user is in exactly one.",
    {
        "ENABLED": "Status ACTIVE, AWAITING_NEW_PASSWORD, RECOVERY or LOCKED_OUT. The user has access, or gets it by a new"
        " password or when a lockout ends. Tile ACTIVE_USERS.",
        "DISABLED": "Status SUSPENDED or DEACTIVATED. The user has no access until an admin gives it back, by unlockUsers or"
        " activateUsers. Tile INACTIVE_USERS.",
        "UNCONFIRMED": "Status STAGED or PROVISIONED. The user has not accepted an invitation. Tile OPEN_INVITES.",
    },
)

declare(
    StatusReason,
    "StatusReason",
    "Why a user has their status.",
    {
        "ADMIN_ACTION": "An admin changed the status.",
        "IDLE": "The user has not signed in for the portal's `idleSuspendDays`.",
        "TOO_MANY_FAILED_SIGN_INS": "Consecutive wrong passwords reached the portal's `lockoutThreshold`, or consecutive"
        f" wrong codes of a second factor reached {SECOND_FACTOR_ATTEMPTS}, or `lockoutThreshold` if it is smaller.",
        "PASSWORD_EXPIRED": "The password is older than the portal's `passwordMaxAgeDays`.",
        "RESET_REQUESTED_BY_ADMIN": "An admin requested a password reset.",
        "WAITING_FOR_SEAT": "No license seat was available when the user accepted the invitation. The user gets none by"
        " waiting: call activateUsers once a seat is available.",
    },
    is_open=True,
)

declare(
    UserKind,
    "UserKind",
    "Whether a user belongs to the tenant or to the provider; decides about license seats.",
    {
        "EXTERNAL": "A person of the tenant. Holds a license seat as the portal's `policy.seatMode` says.",
        "INTERNAL": "A person of the provider, or an account of an application. Never holds a license seat.",
    },
)


@strawberry.enum(description="A field that a portal may require of its users.")
class UserField(Enum):
    FIRST_NAME = strawberry.enum_value("FIRST_NAME", description="First name.")
    LAST_NAME = strawberry.enum_value("LAST_NAME", description="Last name.")
    EMAIL = strawberry.enum_value("EMAIL", description="E-mail address.")
    USERNAME = strawberry.enum_value("USERNAME", description="Username. If none is given, the e-mail address is used.")
