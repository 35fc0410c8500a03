"""Who may do what: one table of roles, one table of the schema's root fields (docs/requirements.md#rights)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from uuid import UUID

from rules.accounts import AccountKey, AccountKind
from rules.lifecycle.actions import ACTIONS
from rules.refusals import Code, Refusal


class Role(StrEnum):
    """The role of an account. A stranger has none: `Actor | None`."""

    MSSP_ADMIN = "MSSP_ADMIN"
    MSSP_TECHNICIAN = "MSSP_TECHNICIAN"
    PORTAL_ADMIN = "PORTAL_ADMIN"
    PORTAL_USER = "PORTAL_USER"


STAFF = frozenset({Role.MSSP_ADMIN, Role.MSSP_TECHNICIAN})
MANAGES_USERS = frozenset({Role.MSSP_ADMIN, Role.MSSP_TECHNICIAN, Role.PORTAL_ADMIN})
"""These roles see and manage the users of all portals of the MSSP, of the assigned portals, or of their own portal."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The account that acts, as the database holds it at this moment. `portal_id` is None for staff.

    `must_enroll`: the portal requires a second factor and the account has none, so it may only set one up.
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
        """False while a second factor must be set up: the portal and its users can be reached below `viewer`."""
        return self.role in MANAGES_USERS and not self.must_enroll


class Answer(Enum):
    """How a root field answers a role."""

    REACH = "what the role reaches; anything else is not found"
    SELF = "the account itself"
    NULL = "null, without an error"
    EMPTY = "an empty list; null when a portal is named"
    NOT_ALLOWED = "errors: [NOT_ALLOWED], nothing attempted"
    UNAUTHENTICATED = "null with a top-level UNAUTHENTICATED"
    OPEN = "the same with any token or none, valid or not"


@dataclass(frozen=True, slots=True)
class Right:
    """How root fields answer each audience. `managers` are the roles of MANAGES_USERS."""

    stranger: Answer
    portal_user: Answer
    managers: Answer
    fields: frozenset[str]

    def answer(self, role: Role | None) -> Answer:
        """Return the answer to that role; None is a stranger."""
        if role is None:
            return self.stranger
        return self.managers if role in MANAGES_USERS else self.portal_user


OPEN_TO_ALL = frozenset(
    {
        "Query.invitationPreview",
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
    }
)
OWN_ACCOUNT = frozenset(
    {
        "Mutation.enrollMfa",
        "Mutation.confirmMfa",
        "Mutation.disableMfa",
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

RIGHTS = (
    Right(Answer.OPEN, Answer.OPEN, Answer.OPEN, OPEN_TO_ALL),
    Right(Answer.NULL, Answer.SELF, Answer.SELF, frozenset({"Query.viewer"})),
    Right(Answer.UNAUTHENTICATED, Answer.SELF, Answer.SELF, OWN_ACCOUNT),
    Right(Answer.UNAUTHENTICATED, Answer.REACH, Answer.REACH, FOR_ACCOUNTS),
    Right(Answer.UNAUTHENTICATED, Answer.NULL, Answer.REACH, frozenset({"Query.licenseTiles"})),
    Right(Answer.UNAUTHENTICATED, Answer.EMPTY, Answer.REACH, LISTS_FOR_MANAGERS),
    Right(Answer.UNAUTHENTICATED, Answer.NOT_ALLOWED, Answer.REACH, BULK_MUTATIONS),
)
ROOT_FIELDS: dict[str, Right] = {field: right for right in RIGHTS for field in right.fields}
"""Every root field of the schema. A field that is missing here is refused with FORBIDDEN."""

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
"""Root fields that check or set a password, or check a code. An operation may have one of them: one guess a request."""

WHILE_ENROLLING = frozenset({"Query.viewer", "Mutation.enrollMfa", "Mutation.confirmMfa", "Mutation.signOut"})
"""What an account that must set up a second factor may still do, besides what is open to all."""


def answer(member: str, role: Role | None) -> Answer:
    """Return how `member` (for instance "Query.users") answers that role; None is a stranger.

    Raise Refusal(FORBIDDEN) for a member that is not in the table.
    """
    if member not in ROOT_FIELDS:
        raise Refusal(Code.FORBIDDEN, f"{member} is not in the table of rights.")
    return ROOT_FIELDS[member].answer(role)


def require_second_factor(member: str, actor: Actor) -> None:
    """Raise Refusal(FORBIDDEN) if the actor must set up a second factor before using that member."""
    if actor.must_enroll and member not in WHILE_ENROLLING:
        raise Refusal(Code.FORBIDDEN, "Set up your second factor first: enrollMfa.")


def not_allowed() -> Refusal:
    """Return the refusal of a caller who manages no users."""
    return Refusal(Code.NOT_ALLOWED, "Only admins manage users. Ask an admin of your portal.")


def require_management(actor: Actor) -> None:
    """Raise Refusal(NOT_ALLOWED) unless the actor manages users."""
    if not actor.manages_users:
        raise not_allowed()
