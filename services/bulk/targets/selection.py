"""The four ways to select: ids, a filter, an earlier preview, or invitees."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from models.users.listing import Sorting, UserQuery
from rules.refusals import Code, Refusal
from services.bulk.targets.invitees import Invitee
from services.bulk.targets.target import Target

MOST_USERS = 1000
"""The most users in one call, which is one transaction."""


@dataclass(frozen=True, slots=True)
class ByIds:
    """Users by id, in the caller's order."""

    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """All users that match, in the given order. `expected_count` is None in dry runs only."""

    which: UserQuery
    sorting: Sorting
    exclude: tuple[UUID, ...] = ()
    expected_count: int | None = None


@dataclass(frozen=True, slots=True)
class ByPreview:
    """The users of an earlier dry run. None: the caller's id is no operation's id."""

    operation_id: UUID | None


@dataclass(frozen=True, slots=True)
class Invitees:
    """People who become users of a portal. An invitee with the address of a user of that portal means that user.

    `portal_id` None: the caller's id is no portal's id.
    """

    portal_id: UUID | None
    invitees: tuple[Invitee, ...]


SelectedUsers = ByIds | Matching | ByPreview
"""A selection of existing users."""

Selection = SelectedUsers | Invitees

INPUT_FIELDS = {ByIds: "ids", Matching: "matching", ByPreview: "previewId"}
"""The input field of each selection."""


def check_number(selected: int, path: tuple[str, ...]) -> None:
    """Raise Refusal(INVALID_INPUT) for an empty selection, Refusal(TOO_MANY_USERS) for more than MOST_USERS."""
    if not selected:
        raise Refusal(Code.INVALID_INPUT, "No user is selected. Choose at least one user.", path=path)
    if selected > MOST_USERS:
        raise Refusal(
            Code.TOO_MANY_USERS,
            f"{selected:,} users are selected; at most {MOST_USERS:,} go in one call. Send them in parts.",
            path=path,
        )
