"""The enum of the types of audit events."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import cast

from resolvers.core.duration_text import duration_text
from resolvers.enums.declare import declare
from rules.audit_events import ALL_TYPES, schema_name
from rules.auth.lockout import FAILURES_LOGGED_EVERY, MOST_IN_A_ROW
from rules.grants.audited_access import MOST_NAMED
from rules.lifecycle.actions import ACTIONS

_BY_ACTION = {schema_name(spec.audit_event): f"An admin called {spec.mutation}." for spec in ACTIONS.values()}

_SESSION_BEGAN = (
    "`changes` has the `session` that began: while it is active, `node` returns it, with the network address for viewers who"
    " may see it. The event itself has no address."
)
_SESSIONS_ENDED = "`changes` has each `session` that ended: one, or all with `everywhere`."
_FAILURES = (
    "A wrong password or code, or a sign-in during a lockout. At most one event is written for each account and"
    f" {duration_text(FAILURES_LOGGED_EVERY).removeprefix('1 ')}, so that guesses do not fill the log. `changes` has"
    " `failedSignIns`, the number of failures since the event before, with the one that wrote this event: 1 in the first event."
    " The next failure after the hour writes the next event; if none comes, housekeeping writes it."
)
_ENTRY = "`changes` begins with its id as `grantable`, followed by its values as in SaveGrantableInput."

AuditEventType = declare(
    cast(type[Enum], StrEnum("AuditEventType", {schema_name(event): event.value for event in ALL_TYPES})),
    "AuditEventType",
    "What happened. Types that begin with USER_ concern a portal user, types that begin with POLICY or GRANTABLE, and USERS_EXPORTED, a"
    " portal; the log of that portal has them. All others concern an MSSP, its portals, their license packages and its staff: only MSSP admins see them,"
    " in `auditLog` without a portal.",
    {
        **_BY_ACTION,
        "USER_ADDED": "The user was added by inviteUsers.",
        "USER_INVITED": "The user was invited by inviteUsers, or requested a new link by requestNewInvitation.",
        "USER_UPDATED": "The user's names, username or e-mail address were changed, by updateUser, changeEmail or"
        " verifyEmail. `changes` has the old and the new texts.",
        "USER_ROLE_CHANGED": "The user's role was changed by changeRoles or transferPortalAdmin. `changes` has both roles.",
        "USER_ACCESS_CHANGED": "What the user may reach was changed: by changeAccess, by inviteUsers, or because the user lost the role"
        " of an admin and with it the admin-only modules. `changes` has the fields of UserAccess. For a list, `before` has the names of"
        f" the entries that the user lost, and `after` those that the user got: at most {MOST_NAMED} each, and how many more there are.",
        "USER_ACCEPTED": "The user accepted the invitation, or completed a registration.",
        "USER_LOCKED_OUT": "Too many wrong passwords or codes locked the user out: status LOCKED_OUT. A second event means"
        f" {MOST_IN_A_ROW} consecutive failures: only an admin or a new password ends that lockout.",
        "USER_LOCK_ENDED": "The lockout ended by itself.",
        "USER_PASSWORD_EXPIRED": "The password expired. The next sign-in asks for a new one.",
        "USER_PASSWORD_SET": "The user set a new password: by changePassword, completePasswordReset or"
        " completePasswordChange.",
        "USER_SUSPENDED_AS_IDLE": "The user was suspended for inactivity.",
        "USER_ERASED": "The user was deleted, because the portal's `deactivatedRetentionDays` were over.",
        "USER_SEAT_RELEASED": "The invitation expired, and its license seat was released.",
        "USER_WARNED_AS_IDLE": "The user will be suspended for inactivity in a week, and was warned by mail if the address"
        " is verified.",
        "USER_MFA_ENROLLED": "The user set up a second factor.",
        "USER_MFA_DISABLED": "The user removed the second factor.",
        "USER_RECOVERY_CODES_REPLACED": "The user replaced the recovery codes of the second factor.",
        "POLICY_CHANGED": "The portal's policy was changed by updatePortalPolicy. `changes` has each changed setting, by its"
        " name in PortalPolicy.",
        "USERS_EXPORTED": "Users were exported as a CSV file, by `POST /users/export`. `changes` has the `selection` in words without"
        " its values, the names of the `columns`, the number of `rows`, and as `isComplete` whether the whole file was sent. An"
        " export that was not limited to one portal has no `AuditEvent.portal`: only MSSP admins see it.",
        "GRANTABLE_ADDED": f"An entry was added to the portal's catalogue by saveGrantable. {_ENTRY}",
        "GRANTABLE_CHANGED": f"An entry of the portal's catalogue was changed by saveGrantable. {_ENTRY}",
        "GRANTABLE_DELETED": f"An entry of the portal's catalogue was deleted by deleteGrantable. {_ENTRY} `users` is the number of"
        " users who lost it.",
        "USER_SIGNED_IN": f"The user signed in, also by accepting an invitation. {_SESSION_BEGAN}",
        "USER_SIGN_IN_FAILED": f"The user's sign-in failed. {_FAILURES}",
        "USER_SIGNED_OUT": f"The user signed out. {_SESSIONS_ENDED} Sessions that end otherwise write no such event.",
        "USER_EMAIL_VERIFIED": "The user's e-mail address was verified: by verifyEmail, or by accepting an invitation that"
        " was mailed to it or registering with it. A changed address is in USER_UPDATED beside it.",
        "MSSP_CREATED": "The MSSP was created.",
        "PORTAL_CREATED": "A portal of the MSSP was created. `changes` has its values and the preset of its policy, and of"
        " `supportContact`, which may name a person, only that it was given.",
        "PORTAL_UPDATED": "An MSSP admin changed a portal. `changes` has the old and the new values, and of `supportContact`, which"
        " may name a person, only that it changed.",
        "PORTAL_DELETED": "An MSSP admin deleted a portal and erased its users. `changes` has its slug, its name and the number of"
        " users.",
        "LICENSE_PACKAGE_CREATED": "An MSSP admin entered a license package of a portal.",
        "LICENSE_PACKAGE_UPDATED": "An MSSP admin changed a license package of a portal. `changes` has the old and the new"
        " values.",
        "STAFF_CREATED": "A member of the MSSP's staff was added by the operator. `changes` has the role and the assigned portals.",
        "STAFF_INVITED": "A member of the MSSP's staff was invited by inviteStaff, was sent a new link by resendStaffInvitation,"
        " or requested one by requestNewInvitation.",
        "STAFF_ACCEPTED": "A member of staff accepted the invitation.",
        "STAFF_UPDATED": "The name, the role or `isActive` of a member of staff was changed by updateStaff. `changes` does"
        " not contain names.",
        "STAFF_DELETED": "A member of staff was deleted by deleteStaff.",
        "STAFF_SESSIONS_REVOKED": "Sessions of a member of staff were ended by revokeStaffSessions.",
        "STAFF_PASSWORD_RESET_REQUESTED": "An MSSP admin reset the password of a member of staff by resetStaffPassword.",
        "MSSP_POLICY_CHANGED": "The MSSP's policy was changed by updateMsspPolicy.",
        "STAFF_ASSIGNED": "The portals of a technician were changed by assignPortals.",
        "STAFF_MFA_ENROLLED": "A member of staff set up a second factor.",
        "STAFF_MFA_DISABLED": "A member of staff removed the second factor.",
        "STAFF_RECOVERY_CODES_REPLACED": "A member of staff replaced the recovery codes of the second factor.",
        "STAFF_MFA_RESET": "An MSSP admin or the operator removed the second factor of a member of staff.",
        "STAFF_PASSWORD_SET": "A member of staff set a new password.",
        "STAFF_LOCKED_OUT": "Too many wrong passwords or codes locked a member of staff out.",
        "STAFF_SIGNED_IN": f"A member of staff signed in. {_SESSION_BEGAN}",
        "STAFF_SIGN_IN_FAILED": f"A sign-in of a member of staff failed. {_FAILURES}",
        "STAFF_SIGNED_OUT": f"A member of staff signed out. {_SESSIONS_ENDED}",
    },
    is_open=True,
)
