"""One read returns a page for each of many groups, even if the read needs several statements."""

from __future__ import annotations

from uuid import UUID

from models.db.dialect import is_any_of
from models.db.keyset.listings import Listing, Window
from models.db.keyset.page_statements import MOST_SELECTS
from models.db.keyset.pages import pages, shown_pages
from models.db.keyset.spans import Position, SortColumn
from models.db.rows import cells_of
from models.db.sql import Sql, fetch
from models.db.writes import load
from models.tables import PortalUser
from models.users.table import USER
from rules.text.folding import ABSENT
from tests.bench.rows_read.rows import users
from tests.support.world import World

GROUPS = MOST_SELECTS // 2 + 10
"""The number of groups of users. It is so large that two statements are needed to read a page of every group.

The page of a group takes two SELECTs, because users with and without a last name are separate ranges of the index.
"""

USERS_OF_A_GROUP = 5
LAST_NAME = SortColumn("u.last_name_sort", str, ABSENT, descending=True)
DESCENDING = Listing(USER, "portal_user u", (LAST_NAME, SortColumn("u.id", UUID, descending=True)))

Ordered = dict[int, list[Position]]
"""Maps the number of each group of users to the positions of its users, in the order of the list."""


async def test_pages_of_more_groups_than_one_statement_has_are_those_of_each_group(world: World) -> None:
    groups = await _ordered(world)

    for window in (Window(3), Window(3, backward=True), Window(50)):
        found = await pages(DESCENDING, _conditions(groups), window)
        shown = await shown_pages(DESCENDING, ("id",), _conditions(groups), window)

        for group, ordered in groups.items():
            expected = ordered[-window.size :] if window.backward else ordered[: window.size]
            assert [row.id for row in found[group].rows] == [row_id for _, row_id in expected]
            assert [UUID(record[0]) for record in shown[group].records] == [row_id for _, row_id in expected]
            is_cut = len(ordered) > window.size
            for page in (found[group], shown[group]):
                assert (page.has_previous, page.has_next) == (
                    is_cut and window.backward,
                    is_cut and not window.backward,
                )


async def test_pages_behind_a_position_in_more_groups_than_one_statement_has_begin_there(world: World) -> None:
    groups = await _ordered(world)
    everyone = sorted((place for ordered in groups.values() for place in ordered), key=_sort_key)
    middle = everyone[len(everyone) // 2]

    found = await pages(DESCENDING, _conditions(groups), Window(2, middle))

    for group, ordered in groups.items():
        behind = [place for place in ordered if _sort_key(place) > _sort_key(middle)]
        assert [row.id for row in found[group].rows] == [row_id for _, row_id in behind[:2]]
        assert found[group].has_previous == (len(behind) < len(ordered))
        assert found[group].has_next == (len(behind) > 2)


async def _ordered(world: World) -> Ordered:
    """Insert users, some of them without a last name, and divide them into GROUPS groups by id.

    Return the users' positions in the list DESCENDING, by the number of the group.
    """
    portal = await world.portal()
    rows = list(users([portal] * GROUPS * USERS_OF_A_GROUP, world.clock.now()))
    await world.parts.runtime.transactions.run(lambda: load(PortalUser, rows))
    stored = await fetch(Sql("SELECT u.last_name_sort, u.id FROM portal_user u"))
    places = sorted(((name, UUID(str(row_id))) for name, row_id in map(cells_of, stored)), key=_sort_key)
    assert places[-1][0] == ABSENT != places[0][0]
    return {group: [place for place in places if place[1].int % GROUPS == group] for group in range(GROUPS)}


def _conditions(groups: Ordered) -> dict[int, Sql]:
    return {group: is_any_of("u.id", [row_id for _, row_id in ordered]) for group, ordered in groups.items()}


def _sort_key(place: Position) -> tuple[bool, list[int], int]:
    """Return a sort key for the order DESCENDING: last names descending, then absent last names, and ids descending."""
    name, row_id = place
    return name == ABSENT, [-ord(letter) for letter in name] + [1], -row_id.int
