"""How an account is named: a portal user and a member of staff are of two kinds, and a reference says which."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class AccountKind(StrEnum):
    """The two kinds of account."""

    PORTAL_USER = "PORTAL_USER"
    STAFF_MEMBER = "STAFF_MEMBER"


class AccountKey(NamedTuple):
    """The kind of an account and its id. Of `user_id` and `staff_id` exactly one is not None."""

    kind: AccountKind
    id: UUID

    @classmethod
    def of(cls, *, user_id: UUID | None, staff_id: UUID | None) -> AccountKey:
        """Return the key from two columns of which exactly one is set."""
        if user_id is not None:
            return cls(AccountKind.PORTAL_USER, user_id)
        assert staff_id is not None, "one of the two"  # noqa: S101  # for the type checker: a constraint says so
        return cls(AccountKind.STAFF_MEMBER, staff_id)

    @property
    def user_id(self) -> UUID | None:
        return self.id if self.kind is AccountKind.PORTAL_USER else None

    @property
    def staff_id(self) -> UUID | None:
        return self.id if self.kind is AccountKind.STAFF_MEMBER else None
