"""The four kinds of selection: by ids, by filter, by an earlier preview, and invitees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from models.users.listing import Sorting
from models.users.selection.conditions import UserQuery
from rules.bulk_limits import MOST_USERS
from rules.messages.bulk import BulkMessage
from rules.refusals import Refusal
from services.bulk.targets.invitees import Invitee
from services.bulk.targets.target import Target


@dataclass(frozen=True, slots=True)
class ByIds:
    """Users selected by id, in the caller's order."""

    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """All users that match the filter `which`, in the order `sorting`, except the users in `exclude`.

    `expected_count` is the number of users that the caller expects. None is allowed only in a dry run. `portal_slug`
    limits the users to one portal. The call is refused if `which` names a portal too.
    """

    which: UserQuery
    sorting: Sorting
    exclude: tuple[UUID, ...] = ()
    expected_count: int | None = None
    portal_slug: str | None = None


@dataclass(frozen=True, slots=True)
class ByPreview:
    """The users of an earlier dry run. If `operation_id` is None, the call is refused."""

    operation_id: UUID | None


@dataclass(frozen=True, slots=True)
class Invitees:
    """People to invite to a portal. If a user of the portal has an invitee's address, that user is invited.

    The call is refused unless exactly one of `portal_slug` and `portal_id` names the portal.
    """

    portal_id: UUID | None
    invitees: tuple[Invitee, ...]
    portal_slug: str | None = None


SelectedUsers = ByIds | Matching | ByPreview
"""A selection of existing users."""

Selection = SelectedUsers | Invitees

INPUT_FIELDS = {ByIds: "ids", Matching: "matching", ByPreview: "previewId"}
"""The name of the GraphQL input field of each kind of selection."""


def number_fault(selected: int, path: tuple[str, ...]) -> Iterator[Refusal]:
    """Yield a Refusal if the number of selected users is 0 or greater than MOST_USERS.

    The code is INVALID_INPUT for 0, else TOO_MANY_USERS. `path` is the input field that the refusal names.
    """
    if not selected:
        yield Refusal(BulkMessage.NOTHING_SELECTED, path=path)
    if selected > MOST_USERS:
        yield Refusal(BulkMessage.SELECTED, path=path, selected=selected, maximum=MOST_USERS)
