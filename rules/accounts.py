"""References to accounts. A reference is the kind of an account (portal user or staff member) and its id."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class AccountKind(StrEnum):
    """The two kinds of account."""

    PORTAL_USER = "PORTAL_USER"
    STAFF_MEMBER = "STAFF_MEMBER"


class AccountKey(NamedTuple):
    """A reference to an account: its kind, and the id of the portal user or staff member."""

    kind: AccountKind
    id: UUID

    @classmethod
    def of(cls, *, user_id: UUID | None, staff_id: UUID | None) -> AccountKey:
        """Return the key of a portal user or of a staff member. Exactly one of the ids must be given."""
        if user_id is not None:
            return cls(AccountKind.PORTAL_USER, user_id)
        assert staff_id is not None, "one of the two"  # noqa: S101  # for the type checker: the database guarantees it
        return cls(AccountKind.STAFF_MEMBER, staff_id)

    @property
    def user_id(self) -> UUID | None:
        """The portal user's id; None for a staff member."""
        return self.id if self.kind is AccountKind.PORTAL_USER else None

    @property
    def staff_id(self) -> UUID | None:
        """The staff member's id; None for a portal user."""
        return self.id if self.kind is AccountKind.STAFF_MEMBER else None
