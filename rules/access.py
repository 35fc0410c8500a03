"""The roles, and the actor of a request. rules/rights/ has the rights of each role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from rules.accounts import AccountKey, AccountKind
from rules.messages.access import AccessMessage
from rules.refusals import Code, Refusal


class Role(StrEnum):
    """The role of an account. For a caller who is not signed in, functions get None in place of a role."""

    MSSP_ADMIN = "MSSP_ADMIN"
    MSSP_TECHNICIAN = "MSSP_TECHNICIAN"
    PORTAL_ADMIN = "PORTAL_ADMIN"
    PORTAL_USER = "PORTAL_USER"


class AssignmentReach(StrEnum):
    """Which portals a technician manages, given the portals and tags that the technician's assignment lists.

    Accounts with another role have LISTED.
    """

    LISTED = "LISTED"
    """The listed portals, and the portals with a listed tag."""
    ALL_EXCEPT = "ALL_EXCEPT"
    """All portals of the MSSP except the listed portals and the portals with a listed tag."""
    NONE = "NONE"
    """No portal: the assignment has ended."""

    @classmethod
    def at(cls, now: datetime, *, all_except: bool, until: datetime | None) -> AssignmentReach:
        """Return the reach of an assignment at `now`.

        - `all_except`: whether the listed portals and tags are exceptions.
        - `until`: when the assignment ends. None means never.
        """
        if until is not None and until <= now:
            return cls.NONE
        return cls.ALL_EXCEPT if all_except else cls.LISTED


OTHER_PORTAL_ROLE = {Role.PORTAL_ADMIN: Role.PORTAL_USER, Role.PORTAL_USER: Role.PORTAL_ADMIN}
"""Maps each of the two roles of portal users to the other role."""
STAFF = frozenset({Role.MSSP_ADMIN, Role.MSSP_TECHNICIAN})
MANAGES_USERS = frozenset({Role.MSSP_ADMIN, Role.MSSP_TECHNICIAN, Role.PORTAL_ADMIN})
"""The roles that see and manage users.

An MSSP_ADMIN manages the users of every portal of the MSSP. An MSSP_TECHNICIAN manages the users of the portals that
are assigned to the technician. A PORTAL_ADMIN manages the users of the portal that the admin belongs to.
"""


@dataclass(frozen=True, slots=True)
class Actor:
    """The account that sent the request, as the database held it when the access token was checked.

    - `portal_id`: None for staff.
    - `assigned`: whether a technician manages the assigned portals, all others, or none, at `assigned_at`. LISTED for
      other roles.
    - `must_enroll`: whether the account must set up a second factor first. Until then, it can use only the root fields
      in WHILE_ENROLLING and OPEN_TO_ALL.
    """

    id: UUID
    session_id: UUID
    role: Role
    mssp_id: UUID
    portal_id: UUID | None
    name: str
    must_enroll: bool = False
    assigned: AssignmentReach = AssignmentReach.LISTED
    assigned_at: datetime | None = None

    @property
    def key(self) -> AccountKey:
        return AccountKey(AccountKind.STAFF_MEMBER if self.is_staff else AccountKind.PORTAL_USER, self.id)

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF

    @property
    def manages_users(self) -> bool:
        """Whether the account may manage users. False while the account still has to set up a second factor."""
        # An account that must enroll can query `viewer`, but must not read portals and users through its fields.
        return self.role in MANAGES_USERS and not self.must_enroll

    @property
    def administers_mssp(self) -> bool:
        """Whether the account may administer the MSSP. False while the account still has to set up a second factor."""
        return self.role is Role.MSSP_ADMIN and not self.must_enroll


def access_ended() -> Refusal:
    """Return Refusal(UNAUTHENTICATED), for an account that has lost its access since the request began."""
    return Refusal(Code.UNAUTHENTICATED, "Your access has ended. Sign in again.")


def managers_only() -> Refusal:
    """Return Refusal(NOT_ALLOWED), for an account that may not manage users."""
    return Refusal(AccessMessage.MANAGERS_ONLY)


def mssp_admins_only() -> Refusal:
    """Return Refusal(NOT_ALLOWED), for an account that may not administer the MSSP."""
    return Refusal(AccessMessage.MSSP_ADMINS_ONLY)


def require_management(actor: Actor) -> None:
    """Raise Refusal(NOT_ALLOWED) if the actor may not manage users."""
    if not actor.manages_users:
        raise managers_only()


def require_mssp_admin(actor: Actor) -> None:
    """Raise Refusal(NOT_ALLOWED) if the actor may not administer the MSSP."""
    if not actor.administers_mssp:
        raise mssp_admins_only()
