"""The targets of a bulk run: one for each place in the selection."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from models.users.table import UserRow
from rules.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Target:
    """One place in a selection, and the user in it once that user is locked and read.

    `sent` is the id as the caller sent it, None if the caller sent none. `label` is what an answer calls the user.
    A second target with the same `key` is a duplicate; None equals no other key. `refusal` says why there is no user.
    """

    sent: str | None = None
    user_id: UUID | None = None
    key: Hashable | None = None
    user: UserRow | None = None
    label: str | None = None
    portal_id: UUID | None = None
    is_new: bool = False
    refusal: Refusal | None = None

    @classmethod
    def of_id(cls, sent: str | None, user_id: UUID | None) -> Target:
        """Return the target for an id; `user_id` is None if `sent` is no user's id."""
        # `sent` may read like the UUID of a row. As a str it never equals that UUID, so it is no duplicate of the user.
        return cls(sent=sent, user_id=user_id, key=user_id or sent)


def with_users(targets: Iterable[Target], users: Mapping[UUID, UserRow]) -> list[Target]:
    """Return the targets with their users, label and portal filled in from the locked rows."""
    return [
        replace(target, user=user, label=user.name, portal_id=user.portal_id)
        if target.user_id and (user := users.get(target.user_id))
        else target
        for target in targets
    ]
