"""The enums of a portal: its actions, its license seats and tiles, the presets of its policy, and what it can grant."""

from __future__ import annotations

from models.portals.listing import PortalOrderField
from resolvers.enums.declare import declare
from rules.grants.first_modules import ADMIN_ONLY_MODULES
from rules.grants.kinds import GrantableKind, ModuleAccess
from rules.lifecycle.counters import TileKind
from rules.lifecycle.licenses import SeatMode
from rules.policies.presets import DIFFERENCES, PolicyPreset
from rules.rights.portal_actions import PortalAction

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
        "SEATS_AVAILABLE": "Available license seats, as in `LicenseTiles.seatsAvailable`. Portals with unlimited seats come last"
        " in both directions.",
        "LOCKED_USERS": "The tile LOCKED_USERS.",
        "WAITING_FOR_SEAT": "The tile WAITING_FOR_SEAT.",
        "OPEN_INVITES": "The tile OPEN_INVITES.",
    },
)


declare(
    PortalAction,
    "PortalAction",
    "An action in a portal as a whole.",
    {
        "ADD_USERS": "Add and invite users: inviteUsers. Evaluated for an invitee of kind EXTERNAL and delivery EMAIL. Reasons:"
        " NOT_ALLOWED, PORTAL_INACTIVE and, if an invitation takes a seat, LICENSE_PACKAGE_INACTIVE and NO_SEAT_AVAILABLE.",
        "ADD_ADMINS": "Add and invite admins: inviteUsers with role PORTAL_ADMIN. Reasons: those of ADD_USERS, and"
        " ADMIN_LIMIT_REACHED.",
        "MANAGE_USERS": "See the portal's users and change them: `users`, updateUser and the bulk mutations. Possible in an"
        " inactive portal, too; `PortalUser.availableActions` says what is possible for one user. Reason: NOT_ALLOWED.",
        "READ_AUDIT_LOG": "Read the portal's audit log: `auditLog`. Reason: NOT_ALLOWED.",
        "TRANSFER_ADMIN": "Hand over the role of an admin: transferPortalAdmin. Reasons: NOT_ALLOWED, and INVALID_INPUT if the"
        " portal has no admin who is not DEACTIVATED, or no enabled user without the role.",
        "CHANGE_POLICY": "Change the portal's policy: updatePortalPolicy, previewPortalPolicy. Reason: NOT_ALLOWED.",
        "MANAGE_LICENSES": "Enter and change license packages: createLicensePackage, updateLicensePackage. Reason: NOT_ALLOWED.",
        "MANAGE_CATALOGUES": "Change what can be granted to the portal's users: saveGrantable, deleteGrantable. Reason: NOT_ALLOWED.",
        "CHANGE_PORTAL": "Change the portal's values: updatePortal. Reason: NOT_ALLOWED.",
        "DELETE_PORTAL": "Delete the portal: deletePortal. Reasons: NOT_ALLOWED, TOO_MANY_USERS.",
    },
    is_open=True,
)


*_FIRST, _LAST = ADMIN_ONLY_MODULES[PolicyPreset.CUSTOMER_ACCOUNT]
_MODULES = f"{', '.join(_FIRST)} and {_LAST}"
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
        f" {DIFFERENCES[PolicyPreset.CUSTOMER_ACCOUNT]['invitation_ttl_hours']} hours, `seatMode` UNLIMITED, no suspension of idle users."
        f" A portal that is created with it begins with the admin-only modules {_MODULES}.",
    },
)

declare(
    GrantableKind,
    "GrantableKind",
    "The kind of an entry in a portal's catalogue.",
    {
        "MODULE": "A part of the portal, granted to read or to write.",
        "SUB_ACCOUNT": "An account below the tenant's, such as a branch or a project.",
        "WORKSPACE": "A workspace.",
        "GROUP": "A group of users.",
        "APP_ROLE": "A role that an app in the portal defines.",
    },
)

declare(
    ModuleAccess,
    "ModuleAccess",
    "What a user may do in a module.",
    {
        "NONE": "Nothing. Only in inputs: it takes the module away.",
        "READ": "See it.",
        "WRITE": "See it and change what is in it.",
    },
)
