"""The portals that need work, found by filters and orders on their counters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import Portal
from rules.lifecycle.licenses import SeatMode, UserKind
from rules.lifecycle.statuses import Status, StatusReason
from tests.features.listing.counting_statements import statements
from tests.support.world import Ask, Person, World

LIST = """
query ($search: String, $filter: PortalFilter, $orderBy: [PortalOrder!], $first: Int, $after: String, $last: Int, $before: String) {
  portals(search: $search, filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { slug } pageInfo { hasNextPage endCursor startCursor }
  }
}
"""


async def slugs(ask: Ask, actor: Person, **given: Any) -> list[str]:
    """Return the slugs of the listed portals, in order. Assert that `totalCount` is their number."""
    reply = await ask(LIST, actor=actor, **given)
    assert not reply.errors, reply.errors
    found = [node["slug"] for node in reply.data["portals"]["nodes"]]
    if not {"first", "last"} & set(given):
        assert reply.data["portals"]["totalCount"] == len(found)
    return found


async def morning(world: World) -> list[Portal]:
    """Create four portals whose counters differ.

    Seats left: 0 of 1, 8 of 9, none because the package has ended, and unlimited. Two portals have equally many locked
    users.
    """
    now = world.clock.now()
    full = await world.portal("full", seats=1)
    roomy = await world.portal("roomy", seats=9)
    ended = await world.portal("ended", seats=None, is_active=False)
    unlimited = await world.portal("unlimited", seats=0, seat_mode=SeatMode.UNLIMITED, in_production=True)
    await world.package(ended, 5, ends_at=now)
    await world.package(roomy, 50, starts_at=now + timedelta(days=1))
    for portal, status in ((full, Status.SUSPENDED), (roomy, Status.ACTIVE), (ended, Status.LOCKED_OUT)):
        await world.user(portal, status=status)
    await world.users(2, full, status=Status.DEACTIVATED, status_reason=StatusReason.WAITING_FOR_SEAT)
    await world.users(3, unlimited, status=Status.PROVISIONED)
    await world.user(unlimited, kind=UserKind.INTERNAL, status=Status.STAGED)
    return [full, roomy, ended, unlimited]


def by(*fields: str) -> list[dict[str, str]]:
    """Return the argument `orderBy` for the fields. A field that begins with - sorts in descending order."""
    return [{"field": field.lstrip("-"), "direction": "DESC" if field[0] == "-" else "ASC"} for field in fields]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([], ["ended", "full", "roomy", "unlimited"]),
        (["-NAME"], ["unlimited", "roomy", "full", "ended"]),
        (["SEATS_AVAILABLE"], ["ended", "full", "roomy", "unlimited"]),
        (["-SEATS_AVAILABLE"], ["roomy", "ended", "full", "unlimited"]),
        (["-LOCKED_USERS"], ["ended", "full", "roomy", "unlimited"]),
        (["-WAITING_FOR_SEAT"], ["full", "ended", "roomy", "unlimited"]),
        (["-OPEN_INVITES", "-NAME"], ["unlimited", "roomy", "full", "ended"]),
        (["LOCKED_USERS", "-SEATS_AVAILABLE", "LOCKED_USERS"], ["roomy", "unlimited", "ended", "full"]),
    ],
)
async def test_portals_sort_by_each_field_and_ties_by_name(
    world: World, ask: Ask, fields: list[str], expected: list[str]
) -> None:
    portals, nora = await morning(world), await world.mssp_admin()
    tim = await world.technician(*portals)

    found = [await slugs(ask, actor, orderBy=by(*fields)) for actor in (nora, tim)]

    assert found == [expected, expected]


@pytest.mark.parametrize("fields", [["SEATS_AVAILABLE"], ["-SEATS_AVAILABLE"], ["-LOCKED_USERS"], ["OPEN_INVITES"]])
async def test_pages_of_one_hold_every_portal_once_in_both_directions(
    world: World, ask: Ask, fields: list[str]
) -> None:
    await morning(world)
    nora, order = await world.mssp_admin(), by(*fields)
    whole = await slugs(ask, nora, orderBy=order)

    forward, after = [], None
    backward, before = [], None
    for _ in whole:
        ahead = (await ask(LIST, actor=nora, orderBy=order, first=1, after=after)).data["portals"]
        behind = (await ask(LIST, actor=nora, orderBy=order, last=1, before=before)).data["portals"]
        forward += [node["slug"] for node in ahead["nodes"]]
        backward += [node["slug"] for node in behind["nodes"]]
        after, before = ahead["pageInfo"]["endCursor"], behind["pageInfo"]["startCursor"]

    assert (forward, backward[::-1]) == (whole, whole)


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ({"isActive": False}, ["ended"]),
        ({"inProduction": True}, ["unlimited"]),
        ({"isActive": True, "inProduction": False}, ["full", "roomy"]),
        ({"hasUsersIn": "ACTIVE_USERS"}, ["ended", "roomy"]),
        ({"hasUsersIn": "INACTIVE_USERS"}, ["full"]),
        ({"hasUsersIn": "OPEN_INVITES"}, ["unlimited"]),
        ({"hasUsersIn": "LOCKED_USERS"}, ["ended", "full"]),
        ({"hasUsersIn": "WAITING_FOR_SEAT"}, ["full"]),
        ({"tagIn": ["GOLD", "unknown"]}, ["full", "roomy"]),
        ({"tagIn": ["gold"], "hasUsersIn": "LOCKED_USERS"}, ["full"]),
        ({"tagIn": []}, []),
        ({"tagIn": None}, ["ended", "full", "roomy", "unlimited"]),
    ],
)
async def test_a_filter_keeps_the_portals_that_meet_every_condition(
    world: World, ask: Ask, filter: dict[str, Any], expected: list[str]
) -> None:
    portals, nora = await morning(world), await world.mssp_admin()
    for portal in portals[:2]:
        await world.tag(portal, "Gold", "north")

    assert await slugs(ask, nora, filter=filter) == expected


async def test_search_filter_and_order_hold_together(world: World, ask: Ask) -> None:
    await morning(world)
    nora = await world.mssp_admin()

    found = await slugs(
        ask, nora, search="L", filter={"isActive": True}, orderBy=by("-OPEN_INVITES", "WAITING_FOR_SEAT")
    )

    assert found == ["unlimited", "full"]


async def test_a_cursor_of_another_filter_or_order_is_refused(world: World, ask: Ask) -> None:
    await morning(world)
    nora = await world.mssp_admin()
    given: dict[str, Any] = {"filter": {"isActive": True}, "orderBy": by("-LOCKED_USERS"), "first": 1}
    cursor = (await ask(LIST, actor=nora, **given)).data["portals"]["pageInfo"]["endCursor"]

    world.clock.advance(timedelta(minutes=1))
    same = await ask(LIST, actor=nora, **given, after=cursor)
    others = [
        await ask(LIST, actor=nora, **{**given, **other}, after=cursor)
        for other in (
            {"filter": None},
            {"filter": {"isActive": False}},
            {"orderBy": by("LOCKED_USERS")},
            {"search": "a"},
        )
    ]

    assert same.codes == []
    assert [reply.codes for reply in others] == [["BAD_USER_INPUT"]] * 4


async def test_lists_of_conditions_are_bounded(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()

    replies = [
        await ask(LIST, actor=nora, filter={"tagIn": ["a"] * 101}),
        await ask(LIST, actor=nora, orderBy=by("NAME") * 6),
    ]

    assert [reply.codes for reply in replies] == [["BAD_USER_INPUT"]] * 2


async def test_no_filter_or_order_tells_portal_accounts_what_they_do_not_see(world: World, ask: Ask) -> None:
    portal = (await morning(world))[0]
    await world.tag(portal, "gold")
    ann, bob = await world.portal_admin(portal), await world.user(portal)

    tagged = [await slugs(ask, actor, filter={"tagIn": ["gold"]}) for actor in (ann, bob)]
    locked = [await slugs(ask, actor, filter={"hasUsersIn": "LOCKED_USERS"}) for actor in (ann, bob)]
    cursors = [
        (await ask(LIST, actor=bob, orderBy=order)).data["portals"]["pageInfo"]["endCursor"]
        for order in (by("NAME"), by("-LOCKED_USERS"), by("SEATS_AVAILABLE"))
    ]

    assert (tagged, locked) == ([[], []], [["full"], []])
    assert len(set(cursors)) == 1


async def test_the_view_takes_as_many_statements_for_one_portal_as_for_many(world: World, ask: Ask) -> None:
    await morning(world)
    nora = await world.mssp_admin()
    document = """query ($first: Int) { portals(first: $first, filter: {isActive: true}, orderBy: [{field: SEATS_AVAILABLE}]) {
        nodes { slug tags licenseTiles { seatsAvailable tiles { kind count } } } } }"""
    await ask(document, actor=nora, first=1)

    with statements() as for_one:
        await ask(document, actor=nora, first=1)
    with statements() as for_three:
        await ask(document, actor=nora, first=3)

    assert len(for_one) == len(for_three)
    assert not [text for text in for_three if "portal_user" in text and "account_session" not in text]
