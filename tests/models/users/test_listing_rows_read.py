"""A page of a large portal reads no more rows than a page of a small portal, in every order and at every cursor."""

from __future__ import annotations

from itertools import product

from models.db.keyset.listings import Window
from models.db.keyset.pages import page
from models.db.migrate import migrate
from models.db.sql import Sql, all_of, write
from models.db.writes import load
from models.tables import Portal, PortalUser
from models.users import listing, lookup
from models.users.listing import OrderField
from models.users.selection.conditions import UserQuery, conditions
from rules.access import Actor, Role
from rules.lifecycle.statuses import Category
from tests.bench.rows_read.meter import metered
from tests.bench.rows_read.rows import users
from tests.support.databases import Database
from tests.support.world import World

SMALL, LARGE = 500, 5_000
SIZE = 10
SPARE = 60
"""The number of rows that a page of the large portal may read in addition to 1.3 times those of the small portal.

A page needs more reads if it is filled by users who have no value in the column of the order.
"""

Case = tuple[OrderField, bool, Category | None]
CASES: list[Case] = list(product(OrderField, (False, True), (None, *Category)))


async def test_no_order_reads_more_of_a_large_portal_than_of_a_small_one(db: Database, world: World) -> None:
    portals = [await world.portal(slug) for slug in ("small", "large")]

    async def write_all() -> None:
        homes = [portals[n % (LARGE // SMALL + 1) > 0] for n in range(SMALL + LARGE)]
        await load(PortalUser, list(users(homes, world.clock.now())))

    await world.parts.runtime.transactions.run(write_all)
    await write(Sql("ANALYZE"))
    await migrate()  # on SQLite: plans by fixed statistics again, whatever ANALYZE found

    small, large = [await _rows_read(portal, world) for portal in portals]

    read = {case: (small[case], large[case]) for case in small}
    assert {case: rows for case, rows in read.items() if rows[1] > rows[0] * 1.3 + SPARE} == {}
    assert {abs(rows[0] - rows[1]) <= 4 for case, rows in read.items() if case[0] is OrderField.KIND} == {True}


async def _rows_read(portal: Portal, world: World) -> dict[Case, int]:
    """Return, for each case, the maximum number of rows that one page reads.

    The pages are the first one, and those before and after two cursors: one near the beginning, one near the end.
    """
    actor = Actor(world.parts.runtime.new_id(), world.parts.runtime.new_id(), Role.MSSP_ADMIN, portal.mssp_id, None, "")
    found: dict[Case, int] = {}
    for field, descending, category in CASES:
        query = UserQuery(portal.id, category)
        chosen = listing.listing(actor, query, ((field, descending),), in_portal=True)
        where = all_of([lookup.managed_by(actor), *conditions(query, world.clock.now())])
        with metered(without_scans=True) as meter:
            middle = (await page(chosen, where, Window(SIZE * 2))).positions[-1]
            deep = (await page(chosen, where, Window(SIZE * 2, backward=True))).positions[0]
            meter.take()
            for window in (
                Window(SIZE),
                *(Window(SIZE, at, backward) for at in (middle, deep) for backward in (False, True)),
            ):
                await page(chosen, where, window)
            found[field, descending, category] = max(reading.rows for reading in meter.take())
    return found
