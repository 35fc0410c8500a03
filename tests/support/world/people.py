"""People that a test refers to: accounts in the database."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from models.tables import Portal
from resolvers.core.global_ids import global_id
from rules.accounts import AccountKey, AccountKind


@dataclass(frozen=True)
class Person:
    """An account. `id` is the id of the row, `gid` the global id."""

    id: UUID
    kind: str
    login: str
    portal: Portal | None = None

    @property
    def gid(self) -> str:
        return global_id(self.kind, self.id)

    @property
    def is_staff(self) -> bool:
        return self.kind == "StaffMember"

    @property
    def key(self) -> AccountKey:
        return AccountKey(AccountKind.STAFF_MEMBER if self.is_staff else AccountKind.PORTAL_USER, self.id)
