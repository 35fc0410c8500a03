"""Selections of all users who match a filter: which users they contain, and in which order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import BulkOperation
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from tests.features.selections.selecting import LISTED, act, matching, user_ids
from tests.support.world import Ask, Person, World
from tests.support.world.answers import counts, reasons, seats

CONDITIONS: list[dict[str, Any]] = [
    {},
    {"category": "ENABLED"},
    {"search": "lovel"},
    {"search": "ADA LÓV"},
    {"filter": {"statusIn": ["ACTIVE", "SUSPENDED"], "kindIn": ["EXTERNAL"]}},
    {"filter": {"mfaEnrolled": True}, "category": "DISABLED"},
    {"filter": {"notSignedInSince": "P2D"}},
    {"filter": {"neverSignedIn": True}, "search": "a", "orderBy": [{"field": "USERNAME", "direction": "DESC"}]},
    {"orderBy": [{"field": "STATUS"}, {"field": "LAST_NAME", "direction": "DESC"}]},
    {"orderBy": [{"field": "LAST_SIGN_IN_AT", "direction": "DESC"}, {"field": "FIRST_NAME"}]},
]


async def a_crowd(world: World) -> list[Person]:
    """Create users with different values in the filtered columns. Some have equal names."""
    names = [("Ada", "Lovelace"), ("Áda", "Lovelock"), ("Grace", None), (None, "Lovell"), ("Zoë", "adams")]
    statuses = [Status.ACTIVE, Status.SUSPENDED, Status.DEACTIVATED, Status.PROVISIONED]
    return [
        await world.user(
            first_name=first,
            last_name=last,
            status=status,
            mfa_enrolled=n % 3 == 0,
            kind=UserKind.INTERNAL if n % 4 == 0 else UserKind.EXTERNAL,
            last_sign_in_at=world.clock.now() - timedelta(days=n % 5) if n % 2 else None,
        )
        for n, (first, last) in enumerate(names * 2)
        for status in statuses[: 2 + n % 3]
    ]


async def with_names(world: World, portal: Any, *last_names: str, **given: Any) -> list[Person]:
    return [await world.user(portal, last_name=name, **given) for name in last_names]


@pytest.mark.parametrize("conditions", CONDITIONS)
async def test_a_selection_means_the_users_of_the_list_in_the_list_s_order(
    world: World, ask: Ask, conditions: dict[str, Any]
) -> None:  # K3
    nora, _ = await world.mssp_admin(), await a_crowd(world)
    listed = (await ask(LISTED, actor=nora, first=100, **conditions)).data["users"]

    payload = await act(ask, "deleteUsers", nora, matching(listed["totalCount"], **conditions))

    assert user_ids(payload) == [node["id"] for node in listed["nodes"]]
    assert reasons(payload) == [None] * listed["totalCount"]
    assert (await ask(LISTED, actor=nora, **conditions)).data["users"]["totalCount"] == 0


async def test_those_who_are_excluded_are_left_alone(world: World, ask: Ask) -> None:
    ann, people = await world.portal_admin(), await world.users(5)
    foreign = await world.user(await world.portal("sibling"))
    left_out = [people[1].gid, people[3].gid, ann.gid, foreign.gid, "no id", ""]

    payload = await act(ask, "lockUsers", ann, matching(3, excludeIds=left_out))

    assert set(user_ids(payload)) == {people[i].gid for i in (0, 2, 4)}
    assert [await world.status(people[i]) for i in (1, 3)] == [Status.ACTIVE] * 2
    assert await world.status(foreign) is Status.ACTIVE


@pytest.mark.parametrize(("direction", "seated"), [("ASC", ["Alder", "Birch"]), ("DESC", ["Elm", "Dogwood"])])
async def test_seats_are_given_in_the_order_asked_for(
    world: World, ask: Ask, direction: str, seated: list[str]
) -> None:  # K12
    portal = await world.portal(seats=2)
    ann, names = await world.portal_admin(portal), ["Cedar", "Elm", "Alder", "Dogwood", "Birch"]
    people = await with_names(world, portal, *names, status=Status.DEACTIVATED)
    waiting = matching(5, category="DISABLED", orderBy=[{"field": "LAST_NAME", "direction": direction}])

    payload = await act(ask, "activateUsers", ann, waiting)

    assert reasons(payload) == [None, None, *["NO_SEAT_AVAILABLE"] * 3]
    active = [name for name, person in zip(names, people, strict=True) if await world.status(person) is Status.ACTIVE]
    assert sorted(active) == sorted(seated)
    assert seats(payload["licenseTiles"][0]) == (2, 2, 0)


async def test_several_portals_each_keep_their_rules_in_one_order(world: World, ask: Ask) -> None:  # K12, L1
    one, two, three = [await world.portal(slug, seats=1) for slug in ("one", "two", "three")]
    nora = await world.mssp_admin()
    shut = await world.portal("shut", is_active=False)
    for portal in (one, two, three, shut):
        await with_names(world, portal, f"A {portal.slug}", f"B {portal.slug}", status=Status.DEACTIVATED)
    all_matching = matching(8, orderBy=[{"field": "LAST_NAME"}])

    payload = await act(ask, "activateUsers", nora, all_matching)

    assert [outcome["label"].split()[-2:] for outcome in payload["outcomes"]] == [
        [letter, slug] for letter in "AB" for slug in ("one", "shut", "three", "two")
    ]
    full, inactive = "NO_SEAT_AVAILABLE", "PORTAL_INACTIVE"
    assert reasons(payload) == [None, inactive, None, None, full, inactive, full, full]
    assert [counts(tiles)["ACTIVE_USERS"] for tiles in payload["licenseTiles"]] == [1, 1, 1, 0, 3]
    assert await BulkOperation.all().count() == 1
