"""The roles, the actor of a request, and the rights on the schema's root fields (docs/requirements.md#rights)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from uuid import UUID

from rules.accounts import AccountKey, AccountKind
from rules.lifecycle.actions import ACTIONS
from rules.refusals import Code, Refusal


class Role(StrEnum):
    """The role of an account. A caller who is not signed in has no role: functions get None in place of the role."""

    MSSP_ADMIN = "MSSP_ADMIN"
    MSSP_TECHNICIAN = "MSSP_TECHNICIAN"
    PORTAL_ADMIN = "PORTAL_ADMIN"
    PORTAL_USER = "PORTAL_USER"


STAFF = frozenset({Role.MSSP_ADMIN, Role.MSSP_TECHNICIAN})
MANAGES_USERS = frozenset({Role.MSSP_ADMIN, Role.MSSP_TECHNICIAN, Role.PORTAL_ADMIN})
"""The roles that see and manage users.

An MSSP_ADMIN manages the users of every portal of the MSSP. An MSSP_TECHNICIAN manages the users of the portals that
are assigned to the technician. A PORTAL_ADMIN manages the users of the portal that the admin belongs to.
"""


@dataclass(frozen=True, slots=True)
class Actor:
    """The account that sent the request, with the values that the database held when the access token was checked.

    `portal_id` is None for staff. `must_enroll` is true if the portal requires a second factor that the account has not
    set up yet. The account can then use only the fields in WHILE_ENROLLING and OPEN_TO_ALL.
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
        """Whether the account is allowed to manage users.

        False while `must_enroll` is true. Such an account can query `viewer`, but must not read portals and users
        through the fields of `viewer`.
        """
        return self.role in MANAGES_USERS and not self.must_enroll


class Answer(Enum):
    """How a root field answers a caller: with rows, with an empty result, or with an error."""

    REACH = "runs for the rows that the role may see; other rows are not found"
    SELF = "runs for the caller's own account"
    NULL = "null, without an error"
    EMPTY = "an empty list; null if an argument names a portal"
    NOT_ALLOWED = "errors: [NOT_ALLOWED]; nothing is changed"
    UNAUTHENTICATED = "null with a top-level UNAUTHENTICATED"
    OPEN = "runs for every caller; the access token is ignored"


@dataclass(frozen=True, slots=True)
class Right:
    """How the root fields in `fields` answer each kind of caller.

    `stranger` is the answer to a caller who is not signed in. `portal_user` is the answer to the role PORTAL_USER.
    `managers` is the answer to the roles of MANAGES_USERS.
    """

    stranger: Answer
    portal_user: Answer
    managers: Answer
    fields: frozenset[str]

    def answer(self, role: Role | None) -> Answer:
        """Return how `fields` answer a caller with `role`. None means a caller who is not signed in."""
        if role is None:
            return self.stranger
        return self.managers if role in MANAGES_USERS else self.portal_user


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
    "PortalUser.availableActions",
    "PortalUser.auditLog",
    "Portal.policy",
    "Portal.licenseTiles",
    "Portal.users",
)
"""Fields of objects below Query.viewer that are refused while `Actor.must_enroll` is true."""


def answer(member: str, role: Role | None) -> Answer:
    """Return how the root field `member` (for instance "Query.users") answers `role`.

    A `role` of None means a caller who is not signed in. Raise Refusal(FORBIDDEN) if `member` is not in ROOT_FIELDS.
    """
    if member not in ROOT_FIELDS:
        raise Refusal(Code.FORBIDDEN, f"{member} is not in the table of rights.")
    return ROOT_FIELDS[member].answer(role)


def require_second_factor(member: str, actor: Actor) -> None:
    """Raise Refusal(FORBIDDEN) if the actor must set up a second factor before using the field `member`.

    `member` is a root field that is not in OPEN_TO_ALL, or one of REFUSED_WHILE_ENROLLING.
    """
    if actor.must_enroll and member not in WHILE_ENROLLING:
        raise Refusal(Code.FORBIDDEN, "Set up your second factor first: enrollMfa.")


def not_allowed() -> Refusal:
    """Return the Refusal(NOT_ALLOWED) for an account that is not allowed to manage users."""
    return Refusal(Code.NOT_ALLOWED, "Only admins manage users. Ask an admin of your portal.")


def require_management(actor: Actor) -> None:
    """Raise Refusal(NOT_ALLOWED) if `actor.manages_users` is false."""
    if not actor.manages_users:
        raise not_allowed()
