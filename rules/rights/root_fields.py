"""The table of rights on the schema's root fields (docs/requirements.md#rights)."""

from __future__ import annotations

from rules.access import Actor, Role, managers_only, mssp_admins_only
from rules.lifecycle.actions import ACTIONS
from rules.refusals import Code, Refusal
from rules.rights.answers import Answer, Right

OPEN_TO_ALL = frozenset(
    {
        "Query.server",
        "Query.portalSignIn",
        "Query.invitationPreview",
        "Query.linkPreview",
        "Query.passwordRequirements",
        "Mutation.signIn",
        "Mutation.completeMfaChallenge",
        "Mutation.completePasswordChange",
        "Mutation.refreshSession",
        "Mutation.acceptInvitation",
        "Mutation.startRegistration",
        "Mutation.confirmRegistration",
        "Mutation.completeRegistration",
        "Mutation.requestNewInvitation",
        "Mutation.requestPasswordReset",
        "Mutation.completePasswordReset",
        "Mutation.verifyEmail",
        "Mutation.cancelEmailChange",
    }
)
OWN_ACCOUNT = frozenset(
    {
        "Mutation.enrollMfa",
        "Mutation.confirmMfa",
        "Mutation.disableMfa",
        "Mutation.regenerateRecoveryCodes",
        "Mutation.changePassword",
        "Mutation.changeEmail",
    }
)
FOR_ACCOUNTS = frozenset(
    {
        "Query.node",
        "Query.nodes",
        "Query.portal",
        "Query.portals",
        "Query.user",
        "Mutation.signOut",
        *(f"Mutation.{spec.mutation}" for spec in ACTIONS.values() if spec.allowed_to_owner),
    }
)
LISTS_FOR_MANAGERS = frozenset({"Query.users", "Query.auditLog", "Query.bulkOperations"})
BULK_MUTATIONS = frozenset(f"Mutation.{spec.mutation}" for spec in ACTIONS.values() if not spec.allowed_to_owner)
MANAGER_MUTATIONS = BULK_MUTATIONS | {
    "Mutation.transferPortalAdmin",
    "Mutation.saveGrantable",
    "Mutation.deleteGrantable",
}

LISTS_FOR_MSSP_ADMINS = frozenset({"Query.staff"})
MSSP_ADMIN_MUTATIONS = frozenset(
    {
        "Mutation.assignPortals",
        "Mutation.inviteStaff",
        "Mutation.resendStaffInvitation",
        "Mutation.updateStaff",
        "Mutation.deleteStaff",
        "Mutation.createPortal",
        "Mutation.updatePortal",
        "Mutation.deletePortal",
        "Mutation.revokeStaffSessions",
        "Mutation.resetStaffPassword",
        "Mutation.resetStaffMfa",
        "Mutation.updateMsspPolicy",
        "Mutation.createLicensePackage",
        "Mutation.updateLicensePackage",
        "Mutation.updatePortalPolicy",
    }
)
"""Mutations that administer the MSSP: its staff, portals, license packages and policies."""

MSSP_ADMIN_PREVIEWS = frozenset({"Query.previewPortalPolicy"})
"""Queries that show what a mutation of MSSP_ADMIN_MUTATIONS would do.

A refusal is an entry of the result's field `errors`, as in the payload of a mutation.
"""

_OPEN, _SELF, _REACH, _NULL, _EMPTY = Answer.OPEN, Answer.SELF, Answer.REACH, Answer.NULL, Answer.EMPTY
_UNAUTH, _NO = Answer.UNAUTHENTICATED, Answer.NOT_ALLOWED

# fmt: off
RIGHTS = (
    #     stranger  portal user  portal admin  technician  MSSP admin  fields
    Right(_OPEN,    _OPEN,       _OPEN,        _OPEN,      _OPEN,      OPEN_TO_ALL),
    Right(_NULL,    _SELF,       _SELF,        _SELF,      _SELF,      frozenset({"Query.viewer"})),
    Right(_UNAUTH,  _SELF,       _SELF,        _SELF,      _SELF,      OWN_ACCOUNT),
    Right(_UNAUTH,  _REACH,      _REACH,       _REACH,     _REACH,     FOR_ACCOUNTS),
    Right(_UNAUTH,  _NULL,       _REACH,       _REACH,     _REACH,     frozenset({"Query.licenseTiles"})),
    Right(_UNAUTH,  _EMPTY,      _REACH,       _REACH,     _REACH,     LISTS_FOR_MANAGERS),
    Right(_UNAUTH,  _NO,         _REACH,       _REACH,     _REACH,     MANAGER_MUTATIONS),
    Right(_UNAUTH,  _EMPTY,      _EMPTY,       _EMPTY,     _REACH,     LISTS_FOR_MSSP_ADMINS),
    Right(_UNAUTH,  _NO,         _NO,          _NO,        _REACH,     MSSP_ADMIN_MUTATIONS | MSSP_ADMIN_PREVIEWS),
)
# fmt: on
ROOT_FIELDS: dict[str, Right] = {field: right for right in RIGHTS for field in right.fields}
"""The rights on each root field of the schema, by field. A field that is not listed here is refused with FORBIDDEN."""

CHECKS_A_SECRET = frozenset(
    {
        "Mutation.signIn",
        "Mutation.completeMfaChallenge",
        "Mutation.completePasswordChange",
        "Mutation.acceptInvitation",
        "Mutation.confirmRegistration",
        "Mutation.completeRegistration",
        "Mutation.completePasswordReset",
        "Mutation.enrollMfa",
        "Mutation.confirmMfa",
        "Mutation.disableMfa",
        "Mutation.regenerateRecoveryCodes",
        "Mutation.changePassword",
        "Mutation.changeEmail",
    }
)
"""Root fields that check or set a password, or check a code.

A GraphQL operation can select only one of these fields, so that one request cannot try several passwords or codes.
"""

WHILE_ENROLLING = frozenset({"Query.viewer", "Mutation.enrollMfa", "Mutation.confirmMfa", "Mutation.signOut"})
"""Root fields, besides OPEN_TO_ALL, that an account is allowed to use while `Actor.must_enroll` is true."""

REFUSED_WHILE_ENROLLING = (
    "PortalUser.auditLog",
    "Portal.tags",
    "Portal.policy",
    "Portal.licenseTiles",
    "Portal.users",
    "Portal.grantables",
    "StaffMember.assignment",
)
"""Fields of objects below Query.viewer that are refused while `Actor.must_enroll` is true.

Each of these fields is nullable. If a non-null field were refused, GraphQL would replace the object around the field by
null, and a sign-in would lose its tokens. Fields that are not listed here hide what the account must not read yet:
`StaffMember.portals` is empty, and `availableActions` allows nothing.
"""


def answer(member: str, role: Role | None) -> Answer:
    """Return how the root field `member`, such as "Query.users", answers a caller with `role`.

    None means a caller who has not signed in. Raise Refusal(FORBIDDEN) if `member` is not in ROOT_FIELDS.
    """
    if member not in ROOT_FIELDS:
        raise Refusal(Code.FORBIDDEN, f"{member} is not in the table of rights.")
    return ROOT_FIELDS[member].answer(role)


def require_second_factor(member: str, actor: Actor) -> None:
    """Raise Refusal(FORBIDDEN) if the actor must set up a second factor before using the field `member`."""
    if actor.must_enroll and member not in WHILE_ENROLLING:
        raise Refusal(Code.FORBIDDEN, "Set up your second factor first: enrollMfa.")


def not_allowed(member: str) -> Refusal:
    """Return Refusal(NOT_ALLOWED), for an account that may not call the root field `member`."""
    return mssp_admins_only() if member in MSSP_ADMIN_MUTATIONS | MSSP_ADMIN_PREVIEWS else managers_only()
