"""The chunks of a file: rows and granted entries of a chunk stay within the limits of one bulk call."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from rules.bulk_limits import MOST_USERS
from rules.grants.access_changes import AccessChange, RequestedGrant
from rules.grants.kinds import GrantableKind
from services.bulk.targets.invitees import Invitee
from services.csv.file_rows import RowInvitee
from services.csv.user_import import chunks_of
from services.grants.requested_access import MOST_GRANTS

NONE = Invitee.typed("a@new.test", "A", None, None)


def access_to(entries: int) -> AccessChange:
    asked = tuple(RequestedGrant(UUID(int=number)) for number in range(entries))
    return AccessChange(lists=((GrantableKind.GROUP, asked),))


def rows(number: int, access: AccessChange | None = None) -> list[RowInvitee]:
    typed = replace(NONE, access=access)
    return [RowInvitee(line, typed, typed) for line in range(number)]


def test_a_chunk_has_at_most_as_many_rows_as_a_bulk_call() -> None:
    assert [len(chunk) for chunk in chunks_of(rows(2 * MOST_USERS + 1), None)] == [MOST_USERS, MOST_USERS, 1]


def test_a_chunk_gives_at_most_as_many_entries_as_a_bulk_call() -> None:
    file = rows(MOST_USERS + 10, access_to(100))

    own, of_the_call = list(chunks_of(file, None)), list(chunks_of(rows(MOST_USERS + 10), access_to(100)))

    assert [len(chunk) * 100 for chunk in own] == [MOST_GRANTS, MOST_GRANTS, 1000]
    assert [len(chunk) for chunk in of_the_call] == [len(chunk) for chunk in own]
    assert [row.line for chunk in own for row in chunk] == [row.line for row in file]
