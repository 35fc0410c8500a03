"""How a root field answers each kind of caller: the type of one row in the table of rights."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from rules.access import Role


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
    """One row of the table of rights: how the root fields `fields` answer each kind of caller.

    `stranger` is the answer for a caller who has not signed in.
    """

    stranger: Answer
    portal_user: Answer
    portal_admin: Answer
    technician: Answer
    mssp_admin: Answer
    fields: frozenset[str]

    def answer(self, role: Role | None) -> Answer:
        """Return how the root fields of this row answer a caller with `role`. None: the caller has not signed in."""
        match role:
            case None:
                return self.stranger
            case Role.PORTAL_USER:
                return self.portal_user
            case Role.PORTAL_ADMIN:
                return self.portal_admin
            case Role.MSSP_TECHNICIAN:
                return self.technician
            case Role.MSSP_ADMIN:
                return self.mssp_admin
