"""Who may do what: one table of roles, one table of the schema's root fields (docs/requirements.md#rights)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from uuid import UUID

from rules.accounts import AccountKey, AccountKind
from rules.refusals import Code, Refusal


class Role(StrEnum):
    """What an account is. A stranger has no account: `Actor | None`."""

    MSSP_ADMIN = "MSSP_ADMIN"
    MSSP_TECHNICIAN = "MSSP_TECHNICIAN"
    PORTAL_ADMIN = "PORTAL_ADMIN"
    PORTAL_USER = "PORTAL_USER"


STAFF = frozenset({Role.MSSP_ADMIN, Role.MSSP_TECHNICIAN})
MANAGES_USERS = frozenset({Role.MSSP_ADMIN, Role.MSSP_TECHNICIAN, Role.PORTAL_ADMIN})
"""These see and manage the users of what they reach: all portals of the MSSP, the assigned ones, the own one."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The account that acts, as the database has it now. `portal_id` is None for staff.

    `must_enroll`: the portal requires a second factor that the account lacks, so it may do nothing but set one up.
    """

    id: UUID
    session_id: UUID
    role: Role
    mssp_id: UUID
    portal_id: UUID | None
    name: str
    must_enroll: bool = False

    @property
    def key(self) -> AccountKey:
        return AccountKey(AccountKind.STAFF_MEMBER if self.is_staff else AccountKind.PORTAL_USER, self.id)

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF

    @property
    def manages_users(self) -> bool:
        """Nobody does who has yet to set up a second factor: below `viewer` lies his portal, and in it its users."""
        return self.role in MANAGES_USERS and not self.must_enroll


class Answer(Enum):
    """How a root field answers a role."""

    REACH = "what the role reaches; anything else is not found"
    SELF = "the account itself"
    NULL = "null, without an error"
    EMPTY = "an empty list; null when a portal is named"
    NOT_ALLOWED = "errors: [NOT_ALLOWED], nothing attempted"
    UNAUTHENTICATED = "null with a top-level UNAUTHENTICATED"
    OPEN = "anybody, with or without a token, a good or a bad one"


_R, _S, _N, _E, _X, _U, _O = Answer
MEMBERS: dict[str, tuple[Answer, Answer, Answer, Answer, Answer]] = {
    #                           stranger  user  admin technician MSSP admin
    "Query.node": (_U, _R, _R, _R, _R),
    "Query.nodes": (_U, _R, _R, _R, _R),
    "Query.viewer": (_N, _S, _S, _S, _S),
    "Query.portal": (_U, _R, _R, _R, _R),
    "Query.portals": (_U, _R, _R, _R, _R),
    "Query.user": (_U, _R, _R, _R, _R),
    "Query.users": (_U, _E, _R, _R, _R),
    "Query.licenseTiles": (_U, _N, _R, _R, _R),
    "Query.auditLog": (_U, _E, _R, _R, _R),
    "Query.bulkOperations": (_U, _E, _R, _R, _R),
    "Query.invitationPreview": (_O, _O, _O, _O, _O),
    "Mutation.signIn": (_O, _O, _O, _O, _O),
    "Mutation.completeMfaChallenge": (_O, _O, _O, _O, _O),
    "Mutation.completePasswordChange": (_O, _O, _O, _O, _O),
    "Mutation.refreshSession": (_O, _O, _O, _O, _O),
    "Mutation.signOut": (_U, _R, _R, _R, _R),
    "Mutation.enrollMfa": (_U, _S, _S, _S, _S),
    "Mutation.confirmMfa": (_U, _S, _S, _S, _S),
    "Mutation.disableMfa": (_U, _S, _S, _S, _S),
    "Mutation.acceptInvitation": (_O, _O, _O, _O, _O),
    "Mutation.startRegistration": (_O, _O, _O, _O, _O),
    "Mutation.confirmRegistration": (_O, _O, _O, _O, _O),
    "Mutation.completeRegistration": (_O, _O, _O, _O, _O),
    "Mutation.requestNewInvitation": (_O, _O, _O, _O, _O),
    "Mutation.inviteUsers": (_U, _X, _R, _R, _R),
    "Mutation.activateUsers": (_U, _X, _R, _R, _R),
    "Mutation.deactivateUsers": (_U, _X, _R, _R, _R),
    "Mutation.lockUsers": (_U, _X, _R, _R, _R),
    "Mutation.unlockUsers": (_U, _X, _R, _R, _R),
    "Mutation.deleteUsers": (_U, _X, _R, _R, _R),
    "Mutation.revokeSessions": (_U, _X, _R, _R, _R),
    "Mutation.resetPasswords": (_U, _X, _R, _R, _R),
    "Mutation.resendVerifications": (_U, _X, _R, _R, _R),
    "Mutation.resetMfa": (_U, _X, _R, _R, _R),
    "Mutation.updateUser": (_U, _R, _R, _R, _R),
    "Mutation.requestPasswordReset": (_O, _O, _O, _O, _O),
    "Mutation.completePasswordReset": (_O, _O, _O, _O, _O),
    "Mutation.verifyEmail": (_O, _O, _O, _O, _O),
    "Mutation.changePassword": (_U, _S, _S, _S, _S),
    "Mutation.changeEmail": (_U, _S, _S, _S, _S),
}
"""Every root field of the schema. A field that is not named here answers nobody."""

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
        "Mutation.changePassword",
        "Mutation.changeEmail",
    }
)
"""Root fields that check or set a password, or check a code. One operation holds one of them, so that a request is a guess."""

WHILE_ENROLLING = frozenset({"Query.viewer", "Mutation.enrollMfa", "Mutation.confirmMfa", "Mutation.signOut"})
"""What an account may still do that must set up a second factor first; besides what is open to anybody."""

_COLUMN = {
    None: 0,
    Role.PORTAL_USER: 1,
    Role.PORTAL_ADMIN: 2,
    Role.MSSP_TECHNICIAN: 3,
    Role.MSSP_ADMIN: 4,
}


def answer(member: str, role: Role | None) -> Answer:
    """How `member` (for instance "Query.users") answers that role; None is a stranger."""
    if member not in MEMBERS:
        raise Refusal(Code.FORBIDDEN, f"{member} is open to nobody.")
    return MEMBERS[member][_COLUMN[role]]


def require_second_factor(member: str, actor: Actor) -> None:
    """Refusal FORBIDDEN where the portal requires a second factor that the actor has yet to set up."""
    if actor.must_enroll and member not in WHILE_ENROLLING:
        raise Refusal(Code.FORBIDDEN, "Set up your second factor first: enrollMfa.")


def require_management(actor: Actor) -> None:
    """Refusal NOT_ALLOWED unless the actor manages users at all."""
    if not actor.manages_users:
        raise Refusal(Code.NOT_ALLOWED, "Only admins manage users. Ask an admin of your portal.")
