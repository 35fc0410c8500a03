"""Order, pages and filters of lists, as users of comparable systems wanted them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.features.listing.people import listed
from tests.features.selections.selecting import LISTED
from tests.public_cases.steps import added, column
from tests.support.world import Ask, TestClock, World


async def test_has_next_page_is_false_on_a_last_page_that_is_full(world: World, ask: Ask) -> None:
    nora, _ = await world.mssp_admin(), await world.users(6)
    document = "query ($after: String) { users(first: 3, after: $after) { pageInfo { endCursor hasNextPage } } }"

    first = (await ask(LISTED, actor=nora, first=3)).data["users"]["pageInfo"]
    alone = (await ask(document, actor=nora)).data["users"]["pageInfo"]
    last = (await ask(LISTED, actor=nora, first=3, after=first["endCursor"])).data["users"]["pageInfo"]
    behind = (await ask(LISTED, actor=nora, first=3, after=last["endCursor"])).data["users"]["pageInfo"]

    assert alone == {"endCursor": first["endCursor"], "hasNextPage": True}
    assert (first["hasNextPage"], last["hasNextPage"], behind["hasNextPage"]) == (True, False, False)
    assert (behind["startCursor"], behind["endCursor"]) == (None, None)
    # hasura/graphql-engine#6008, graphcool/api-bugs#46, rmosolgo/graphql-ruby#3753


@pytest.mark.parametrize("mark", ["\ufeff", "\u200b"])
async def test_an_invisible_mark_before_a_name_does_not_change_its_place(world: World, ask: Ask, mark: str) -> None:
    portal, nora = await world.portal(), await world.mssp_admin()
    last_names = ["boa", f"{mark}bob", "boc", f"{mark}bod", "boe"]
    await added(
        ask,
        nora,
        portal,
        *[{"email": f"{n}@acme.test", "firstName": "A", "lastName": name} for n, name in enumerate(last_names)],
    )

    assert await column(ask, nora, "lastName", orderBy=[{"field": "LAST_NAME"}]) == ["boa", "bob", "boc", "bod", "boe"]
    # codeforjapan/decidim-cfj#202, Kroc/NoNonsenseForum#175


async def test_date_filters_take_an_instant_in_any_offset_as_it_was_printed(
    world: World, ask: Ask, clock: TestClock
) -> None:
    nora, _ = await world.mssp_admin(), await world.user()
    (printed,) = await column(ask, nora, "addedAt")
    moment = datetime.fromisoformat(printed)
    in_india = moment.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat(timespec="milliseconds")
    later = (moment + timedelta(milliseconds=1)).isoformat(timespec="milliseconds")

    filters = [
        {"addedAfter": printed},
        {"addedAfter": in_india},
        {"addedBefore": printed},
        {"addedBefore": later},
        {"addedAfter": later},
    ]

    assert [len(await listed(ask, nora, filter=one)) for one in filters] == [1, 1, 0, 1, 0]
    # tortoise/tortoise-orm#130, #572, ormar-orm/ormar#504
