"""The targets of a bulk run: one target for each position in the selection."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from models.users.table import UserRow
from rules.grants.access_changes import AccessRequest
from rules.refusals import Refusal


class Target(NamedTuple):
    """One position in a selection of users or invitees.

    - `sent`: the id that the caller sent. None if the caller sent no id.
    - `user_id`: the id of the user to lock. None for invitees, and if `sent` is not the id of a user.
    - `key`: of several targets with an equal key, all but the first are skipped as duplicates. A target whose key is
      None is no duplicate.
    - `user`: the row of the user, read after the lock, or the row of a new user. None if there is no such user.
    - `label`: the user's name in results.
    - `is_new`: whether `user` is not stored yet.
    - `refusal`: the reason why an invitee does not become a user.
    - `access`: what the user may reach after the call. None if the call does not change this.
    """

    sent: str | None = None
    user_id: UUID | None = None
    key: Hashable | None = None
    user: UserRow | None = None
    label: str | None = None
    portal_id: UUID | None = None
    is_new: bool = False
    refusal: Refusal | None = None
    access: AccessRequest | None = None

    @classmethod
    def of_id(cls, sent: str | None, user_id: UUID | None) -> Target:
        """Return the target for an id. `user_id` is None if `sent` is not the id of a user."""
        # `sent` may be the text of a user's UUID. A str never equals a UUID, so `sent` is no duplicate of that user.
        return cls(sent=sent, user_id=user_id, key=user_id or sent)


def with_users(targets: Iterable[Target], users: Mapping[UUID, UserRow]) -> list[Target]:
    """Return the targets with the rows of their locked users. `users` maps user ids to rows.

    A target whose `user_id` is not in `users` is returned unchanged.
    """
    return [
        target._replace(user=user, label=user.name, portal_id=user.portal_id)
        if target.user_id and (user := users.get(target.user_id))
        else target
        for target in targets
    ]
