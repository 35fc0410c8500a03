"""The benchmark data: the requested numbers of portals and users, valid by the rules, and the same at every load."""

from __future__ import annotations

from typing import Any

import pytest

from models.db.sql import Sql, fetch
from models.tables import Mssp
from rules.refusals import Code, Refusal
from services.admin import benchmark_data, demo, doctor
from tests.support.world import Ask, World

SIZES = "SELECT p.slug, COUNT(u.id) AS n FROM portal p JOIN portal_user u ON u.portal_id = p.id GROUP BY p.slug"
PEOPLE = "SELECT id, username, email, first_name, last_name, status FROM portal_user ORDER BY id"
PAGE = """
query ($slug: String!) {
  portal(slug: $slug) {
    licenseTiles { seatsUsed tiles { kind count } }
    users(first: 5) { nodes { username } totalCount }
  }
}
"""


@pytest.fixture(autouse=True)
async def provider(world: World) -> Mssp:
    """Create the demo's first MSSP, to which the benchmark data is added."""
    return await world.mssp(demo.PORTALS[0][0])


async def add(world: World, portals: int, users: int) -> list[int]:
    """Add benchmark data, and return the reported progress."""
    told: list[int] = []
    await benchmark_data.add_portals(world.parts.runtime, portals=portals, users=users, progress=told.append)
    return told


async def rows(statement: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await fetch(Sql(statement))]


async def sizes() -> dict[str, int]:
    return {row["slug"]: row["n"] for row in await rows(SIZES)}


@pytest.mark.parametrize(
    ("portals", "users", "shares"),
    [
        (1, 1, [1]),
        (1, 40, [40]),
        (2, 2, [1, 1]),
        (3, 40, [20, 10, 10]),
        (4, 40, [20, 7, 7, 6]),
        (4, 41, [21, 7, 7, 6]),
        (5, 5, [3, 1, 1]),
    ],
)
async def test_the_first_portal_has_half_of_the_users(
    world: World, portals: int, users: int, shares: list[int]
) -> None:
    await add(world, portals, users)

    assert await sizes() == {f"load-{n}": share for n, share in enumerate(shares, 1)}


async def test_the_doctor_finds_nothing(world: World) -> None:
    await add(world, 3, 300)

    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_people_of_every_category_are_among_them(world: World) -> None:
    await add(world, 2, 100)

    statuses = {row["status"] for row in await rows(PEOPLE)}
    assert statuses == {"ACTIVE", "LOCKED_OUT", "PROVISIONED", "DEACTIVATED"}


async def test_names_are_unique_within_everything(world: World) -> None:
    await add(world, 4, 200)

    people = await rows(PEOPLE)
    assert len({row["username"] for row in people}) == len({row["email"] for row in people}) == 200


async def test_the_progress_ends_with_all_of_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark_data, "BATCH", 10)

    told = await add(world, 3, 45)

    assert told == [10, 20, 23, 33, 34, 44, 45]
    assert await sizes() == {"load-1": 23, "load-2": 11, "load-3": 11}


async def test_a_larger_crowd_begins_with_the_same_people(world: World) -> None:
    await add(world, 2, 20)

    people = await rows(PEOPLE)
    assert [str(row["id"]) for row in people[:2]] == [
        "72000000-0000-8000-8000-000000000000",
        "72000000-0000-8000-8000-000000000001",
    ]
    assert people[7]["username"] == "user.7"
    assert people[7]["email"] == "user.7@load-1.test"
    assert (people[7]["first_name"], people[7]["last_name"]) == ("Margaret", "Lovelace7")


async def test_a_second_load_is_refused_and_changes_nothing(world: World) -> None:
    await add(world, 2, 20)
    before = await rows(PEOPLE)

    with pytest.raises(Refusal, match="The benchmark data is there already") as no:
        await add(world, 3, 30)

    assert no.value.code is Code.INVALID_INPUT
    assert await rows(PEOPLE) == before
    assert await sizes() == {"load-1": 10, "load-2": 10}


@pytest.mark.parametrize(("portals", "users"), [(0, 10), (-1, 10), (1001, 5000), (5, 4), (1, 0), (1, 5_000_001)])
async def test_numbers_that_make_no_crowd_are_refused(world: World, portals: int, users: int) -> None:
    with pytest.raises(Refusal, match="Ask for 1 to 1,000 portals") as no:
        await add(world, portals, users)

    assert no.value.code is Code.INVALID_INPUT
    assert await sizes() == {}


async def test_the_api_lists_and_counts_them(world: World, ask: Ask, provider: Mssp) -> None:
    await add(world, 2, 100)
    admin = await world.mssp_admin(provider)

    reply = await ask(PAGE, actor=admin, slug="load-1")

    portal = reply.data["portal"]
    assert portal["users"]["totalCount"] == 50
    assert portal["licenseTiles"]["seatsUsed"] == 40  # all but those who wait for their invitation or are deactivated
