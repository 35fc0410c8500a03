"""A cursor is good for the list that it comes from: the same filter, search and category."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.features.listing.people import seed_users
from tests.support.world import Ask, World

DOCUMENT = """
query ($after: String, $before: String, $category: UserCategory, $filter: UserFilter, $search: String) {
  users(after: $after, before: $before, category: $category, filter: $filter, search: $search) {
    nodes { id } pageInfo { endCursor }
  }
}
"""
LISTS: list[dict[str, Any]] = [
    {},
    {"category": "ENABLED"},
    {"search": "ser"},
    {"filter": {"holdsSeat": True}},
    {"filter": {"addedAfter": "P900D"}},
    {"filter": {"addedAfter": "P800D"}},
]


async def test_a_cursor_of_another_filter_is_refused_with_the_reason(world: World, ask: Ask) -> None:
    await seed_users(world, 30)
    nora = await world.mssp_admin()
    cursors = [(await ask(DOCUMENT, actor=nora, **of)).data["users"]["pageInfo"]["endCursor"] for of in LISTS]
    assert all(cursors)

    for of in LISTS:
        for other, cursor in zip(LISTS, cursors, strict=True):
            for way in ("after", "before"):
                reply = await ask(DOCUMENT, actor=nora, **of, **{way: cursor})
                assert reply.codes == (["BAD_USER_INPUT"] * (other is not of)), (of, other)


async def test_a_duration_keeps_its_cursors_as_time_passes(world: World, ask: Ask) -> None:
    await seed_users(world, 30)
    nora = await world.mssp_admin()
    of: dict[str, Any] = {"filter": {"addedAfter": "P900D"}}
    cursor = (await ask(DOCUMENT, actor=nora, **of)).data["users"]["pageInfo"]["endCursor"]

    world.clock.advance(timedelta(minutes=5))

    assert (await ask(DOCUMENT, actor=nora, **of, after=cursor)).codes == []


async def test_an_empty_search_has_the_cursors_of_no_search(world: World, ask: Ask) -> None:
    await seed_users(world, 5)
    nora = await world.mssp_admin()
    cursor = (await ask(DOCUMENT, actor=nora)).data["users"]["pageInfo"]["endCursor"]

    assert (await ask(DOCUMENT, actor=nora, search="", after=cursor)).codes == []
