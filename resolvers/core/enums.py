"""The enums of rules/ with their GraphQL names and what each value means to a frontend."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Any, TypeVar, cast

import strawberry

from models.users.listing import OrderField
from rules.auth.sign_in_blockers import Blocker
from rules.lifecycle.actions import Action
from rules.lifecycle.licenses import Kind, SeatMode
from rules.lifecycle.statuses import Category, Status, StatusReason
from rules.outcomes import OutcomeStatus, State
from rules.refusals import OUTCOME_CODES, USER_ERROR_CODES, Code

E = TypeVar("E", bound=type[Enum])


def described(enum: E, name: str, description: str, values: dict[str, str]) -> E:
    """The enum as a GraphQL enum whose every value is described."""
    named = strawberry.enum(enum, name=name, description=description)
    for value in cast(Any, named).__strawberry_definition__.values:
        value.description = values[value.name]
    return named


def _subset(name: str, codes: tuple[Code, ...]) -> type[Enum]:
    return cast(type[Enum], StrEnum(name, {code.name: code.value for code in codes}))


UserStatus = described(
    Status,
    "UserStatus",
    "Where a user stands. Closed: clients may handle every value.",
    {
        "STAGED": "Added, not invited yet. Cannot sign in.",
        "PROVISIONED": "Invited, the invitation is not accepted yet. Cannot sign in.",
        "ACTIVE": "Full access.",
        "AWAITING_NEW_PASSWORD": "The password has run out; signing in asks for a new one.",
        "RECOVERY": "An admin asked for a password reset; no sign-in until the new password is set.",
        "LOCKED_OUT": "Too many wrong passwords; living sessions go on. Ends by unlockUsers, by a new password, or"
        " after the portal's lockoutMinutes; after 100 failures in a row by the first two only.",
        "SUSPENDED": "Locked by an admin (lockUsers) or idle for too long; statusReason tells. No access until"
        " unlockUsers or activateUsers.",
        "DEACTIVATED": "Inactive: no access, holds no seat. Waits for a seat when statusReason says so.",
    },
)
UserCategory = described(
    Category,
    "UserCategory",
    "The three lists that every user is in exactly one of. Closed: UNCONFIRMED = STAGED, PROVISIONED;"
    " DISABLED = SUSPENDED, DEACTIVATED; ENABLED = the other statuses.",
    {
        "ENABLED": "Can get in, or could after unlocking or setting a password: the tile ACTIVE_USERS.",
        "DISABLED": "Taken out by an admin, for idleness or for want of a seat: the tile INACTIVE_USERS.",
        "UNCONFIRMED": "Has not accepted an invitation yet, or was never invited: the tile OPEN_INVITES.",
    },
)
described(
    StatusReason,
    "StatusReason",
    "Why a user has the status. Open: have a default branch.",
    {
        "ADMIN_ACTION": "An admin did it.",
        "IDLE": "No sign-in for longer than the portal's idleSuspendDays.",
        "TOO_MANY_FAILED_SIGN_INS": "Wrong passwords reached the portal's lockoutThreshold, or five codes of a second"
        " factor were wrong.",
        "PASSWORD_EXPIRED": "The password is older than the portal's passwordMaxAgeDays.",
        "RESET_REQUESTED_BY_ADMIN": "An admin sent a password reset.",
        "WAITING_FOR_SEAT": "Accepted the invitation when no seat was free; activate the user once one is.",
    },
)
described(
    Kind,
    "UserKind",
    "Whose person the user is. Closed.",
    {
        "EXTERNAL": "A person of the tenant; holds a license seat while enabled or suspended.",
        "INTERNAL": "A person of the provider or an app's own account; never holds a seat.",
    },
)
described(
    Action,
    "UserAction",
    "What can be done to a user, and the mutation that does it. Open: have a default branch.",
    {
        "INVITE": "inviteUsers.",
        "ACTIVATE": "activateUsers.",
        "DEACTIVATE": "deactivateUsers.",
        "LOCK": "lockUsers.",
        "UNLOCK": "unlockUsers.",
        "DELETE": "deleteUsers.",
        "RESEND_VERIFICATION": "resendVerifications.",
        "RESET_PASSWORD": "resetPasswords.",
        "RESET_MFA": "resetMfa.",
        "REVOKE_SESSIONS": "revokeSessions.",
        "UPDATE": "updateUser.",
        "CHANGE_ROLE": "changeRoles (not in this version).",
        "CHANGE_ACCESS": "changeAccess (not in this version).",
    },
)
described(
    Blocker,
    "SignInBlocker",
    "A reason why somebody cannot sign in. Open: have a default branch.",
    {
        "NOT_ONBOARDED": "Not invited yet, or the invitation has not been accepted.",
        "EMAIL_UNVERIFIED": "A changed e-mail address must be verified first, by the link that was mailed to it:"
        " verifyEmail.",
        "RESET_PENDING": "An admin asked for a reset: the mailed link sets the new password (completePasswordReset).",
        "NEW_PASSWORD_REQUIRED": "The password has run out: signing in answers with passwordChange.",
        "LOCKED_OUT": "Too many wrong passwords. Never told by signing in: that answers INVALID_CREDENTIALS.",
        "SUSPENDED": "Locked by an admin, or idle too long.",
        "DEACTIVATED": "Deactivated by an admin.",
        "WAITING_FOR_SEAT": "No license seat was free; an admin activates the user once one is.",
        "PORTAL_INACTIVE": "The whole portal is switched off.",
        "PORTAL_ACCESS_CLOSED": "Access to the portal was closed to this user (not in this version).",
        "PASSWORD_SIGN_IN_OFF": "The portal's users sign in elsewhere, not with a password of their own.",
    },
)
described(
    OutcomeStatus,
    "OutcomeStatus",
    "How a bulk action ended for one user. Closed.",
    {
        "SUCCEEDED": "Done; in a dry run: it would be.",
        "SKIPPED": "A rule says no: nothing changed, the reason tells which.",
        "FAILED": "Tried and could not: our fault, try again.",
    },
)
described(
    SeatMode,
    "SeatMode",
    "When an EXTERNAL user takes a license seat. Closed. Default ON_ACTIVATION.",
    {
        "UNLIMITED": "Never: the portal has as many seats as users.",
        "ON_ACTIVATION": "While enabled or suspended.",
        "ON_INVITE": "Also while invited (PROVISIONED).",
    },
)
described(
    State,
    "BulkOperationState",
    "How far an operation is, or how it ended. Closed.",
    {
        "PREVIEW": "A dry run: nothing was changed. It stays so when it has run out or was used.",
        "QUEUED": "Waits to run in the background (not in this version: every call is done when it answers).",
        "RUNNING": "Runs in the background (not in this version).",
        "SUCCEEDED": "Every user was changed.",
        "PARTIALLY_SUCCEEDED": "Some users were changed, others were skipped or failed.",
        "FAILED": "No user was changed.",
        "CANCELLED": "Stopped by an admin before all users were reached (not in this version).",
    },
)
UserOrderField = described(
    OrderField,
    "UserOrderField",
    "What users can be sorted by. Closed. Text sorts without regard to case and accents.",
    {
        "FIRST_NAME": "First name; users without one come last.",
        "LAST_NAME": "Last name; users without one come last.",
        "USERNAME": "Username.",
        "EMAIL": "E-mail address; users without one come last.",
        "STATUS": "Status, in the order of the enum UserStatus.",
        "ROLE": "Role, in the order of the enum PortalRole.",
        "LAST_SIGN_IN_AT": "Last sign-in; those who never signed in come last, in both directions.",
        "ADDED_AT": "When the user was added.",
        "MODIFIED_AT": "When the user was last changed.",
        "PORTAL_NAME": "Name of the user's portal.",
    },
)

OUTCOME_MEANINGS = {
    "ALREADY_IN_STATE": "The user has that state already.",
    "ALREADY_VERIFIED": "The e-mail address is verified already; no mail is sent.",
    "ALREADY_INVITED": "Invited already; comes with delivery NONE only.",
    "ALREADY_MEMBER": "The user has accepted an invitation before.",
    "NOT_INVITED": "Never invited: inviteUsers instead.",
    "NOT_CONFIRMED": "The user has not accepted an invitation yet.",
    "UNVERIFIED": "The e-mail address was never verified: accepting an invitation does that.",
    "INACTIVE": "The user is SUSPENDED or DEACTIVATED: activateUsers first.",
    "LOCKED_OUT": "Locked out after wrong passwords: unlockUsers instead.",
    "NOT_LOCKED": "Neither LOCKED_OUT nor SUSPENDED: there is no lock to take off.",
    "NO_EMAIL": "No e-mail address is on file.",
    "INVALID_EMAIL": "The e-mail address is not one.",
    "INVALID_INPUT": "A field of the invitee is too long, or holds what cannot be stored; the message names it.",
    "EMAIL_TAKEN": "Another user of the portal has the e-mail address.",
    "USERNAME_TAKEN": "Another user of the portal has the username, or one that looks like it.",
    "REQUIRED_FIELD_MISSING": "A field that the portal's policy requires is missing.",
    "COOLDOWN": "A mail of that kind went to the user less than a minute ago, or the address was sent as many of them as"
    " one may be sent in an hour or a day; see retryAt.",
    "PASSWORD_SIGN_IN_OFF": "The portal's users have no passwords of their own.",
    "NO_MFA_ENROLLED": "No second factor is set up.",
    "NO_SEAT_AVAILABLE": "All license seats are taken.",
    "LICENSE_PACKAGE_INACTIVE": "No license package runs at this moment.",
    "CANNOT_TARGET_SELF": "Not to one's own account.",
    "LAST_ADMIN": "The portal's last enabled admin has to stay; only MSSP staff may take him out.",
    "ADMIN_LIMIT_REACHED": "The portal's policy allows no more admins.",
    "HIGHER_ROLE": "The viewer manages nobody: only admins and MSSP staff do this.",
    "ADMIN_ONLY_MODULE": "The module cannot be granted to a user who is no admin (not in this version).",
    "INTERNAL_USER_NOT_ALLOWED": "In production app roles are for external users only (not in this version).",
    "NOT_FOUND": "No such user, or not one that the viewer may see; the answers are the same.",
    "DUPLICATE_IN_REQUEST": "A later mention of a user who is in the selection already.",
    "PORTAL_INACTIVE": "The portal is switched off; only what takes access away works.",
    "ABORTED_BY_POLICY": "Could have been done, but another user could not and errorPolicy is ALL_OR_NOTHING.",
    "INTERNAL_ERROR": "Our fault; comes with FAILED.",
    "NOT_SUPPORTED": "This version of the server has no such action.",
}
OutcomeReasonCode = described(
    _subset("OutcomeReasonCode", OUTCOME_CODES),
    "OutcomeReasonCode",
    "Why a user was not changed, or may not be. Open: have a default branch.",
    OUTCOME_MEANINGS,
)
UserErrorCode = described(
    _subset("UserErrorCode", USER_ERROR_CODES),
    "UserErrorCode",
    "Why a whole mutation was refused. Open: have a default branch.",
    {
        "INVALID_INPUT": "The input makes no sense, or nobody is selected; path and message tell where and why.",
        "TOO_MANY_USERS": "More than the 1,000 users that one call takes: send them in parts.",
        "SELECTION_CHANGED": "The users that match are not as many as `expectedCount`: list again.",
        "PREVIEW_EXPIRED": "The preview is older than 15 minutes, or was used: preview again.",
        "IDEMPOTENCY_KEY_REUSED": "The key was used for something else: take a new one.",
        "IDEMPOTENCY_IN_PROGRESS": "The first call with this key is still running (not in this version: the second"
        " waits).",
        "NOT_FOUND": "What the input names does not exist, or is not the viewer's to see.",
        "NOT_ALLOWED": "The viewer may not do this at all.",
        "HIGHER_ROLE": "The target's role is above the viewer's (not in this version).",
        "RATE_LIMITED": "Too many tries, or too soon after the last; see retryAt.",
        "INVALID_CREDENTIALS": "Login, password or code is wrong, or the account cannot be told about.",
        "INVALID_TOKEN": "The link or token is wrong, used or has run out.",
        "WEAK_PASSWORD": "The new password is too short or too long, easily guessed, or the old one again; message"
        " tells which.",
        "VERSION_CONFLICT": "Somebody else changed it meanwhile: read again.",
        "REAUTHENTICATION_REQUIRED": "Prove the password again (not in this version).",
        "INVALID_EMAIL": "The e-mail address is not one.",
        "EMAIL_TAKEN": "Another user of the portal has the e-mail address.",
        "USERNAME_TAKEN": "Another user of the portal has the username, or one that looks like it.",
        "REQUIRED_FIELD_MISSING": "A field that the portal requires is empty; path names it where the input has it.",
    },
)


@strawberry.enum(description="Which number a tile shows. Closed.")
class LicenseTileKind(Enum):
    ACTIVE_USERS = strawberry.enum_value("ACTIVE_USERS", description="Users in the category ENABLED.")
    INACTIVE_USERS = strawberry.enum_value("INACTIVE_USERS", description="Users in the category DISABLED.")
    OPEN_INVITES = strawberry.enum_value("OPEN_INVITES", description="Users in the category UNCONFIRMED.")
    LOCKED_USERS = strawberry.enum_value(
        "LOCKED_USERS", description="Status LOCKED_OUT, not SUSPENDED; part of ACTIVE_USERS."
    )
    WAITING_FOR_SEAT = strawberry.enum_value(
        "WAITING_FOR_SEAT", description="DEACTIVATED for want of a seat; part of INACTIVE_USERS."
    )


@strawberry.enum(description="A field that a portal may require of its users. Closed.")
class UserField(Enum):
    FIRST_NAME = strawberry.enum_value("FIRST_NAME", description="First name.")
    LAST_NAME = strawberry.enum_value("LAST_NAME", description="Last name.")
    EMAIL = strawberry.enum_value("EMAIL", description="E-mail address.")
    USERNAME = strawberry.enum_value("USERNAME", description="Username; without one the e-mail address serves.")


@strawberry.enum(description="Which way to sort. Closed. Nulls come last in both directions.")
class OrderDirection(Enum):
    ASC = strawberry.enum_value("ASC", description="A to Z, old to new.")
    DESC = strawberry.enum_value("DESC", description="Z to A, new to old.")


@strawberry.enum(description="What happens when some users cannot be changed. Closed. Default PARTIAL.")
class ErrorPolicy(Enum):
    PARTIAL = strawberry.enum_value("PARTIAL", description="Change those who can be changed; the others are SKIPPED.")
    ALL_OR_NOTHING = strawberry.enum_value(
        "ALL_OR_NOTHING",
        description="One who cannot be changed stops it: nobody is, all are SKIPPED, the others with"
        " ABORTED_BY_POLICY.",
    )


@strawberry.enum(description="What a portal account may do in its portal. Closed.")
class PortalRole(Enum):
    PORTAL_ADMIN = strawberry.enum_value("PORTAL_ADMIN", description="Sees and manages all users of the portal.")
    PORTAL_USER = strawberry.enum_value("PORTAL_USER", description="Uses the portal; manages nobody.")


@strawberry.enum(description="What a member of an MSSP's staff reaches. Closed.")
class StaffRole(Enum):
    MSSP_ADMIN = strawberry.enum_value("MSSP_ADMIN", description="Every portal of the MSSP, and its staff.")
    MSSP_TECHNICIAN = strawberry.enum_value("MSSP_TECHNICIAN", description="The portals that are assigned.")
