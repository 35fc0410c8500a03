"""Lists of users: which users they contain, by category and filter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from models.tables import PortalUser
from resolvers.core.global_ids import global_id
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from tests.features.listing.people import listed, seed_users
from tests.features.listing.plain_scan import TIMES
from tests.rules.cases import an_id
from tests.support.world import Ask, TestClock, World

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)  # when the test clock starts
CATEGORIES = {
    "ENABLED": {"ACTIVE", "AWAITING_NEW_PASSWORD", "RECOVERY", "LOCKED_OUT"},
    "DISABLED": {"SUSPENDED", "DEACTIVATED"},
    "UNCONFIRMED": {"STAGED", "PROVISIONED"},
}


def instant(**ago: int) -> str:
    return (NOW - timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


Matches = Callable[[PortalUser], bool]
FILTERS: list[tuple[dict[str, Any], Matches]] = [
    ({"statusIn": ["SUSPENDED", "ACTIVE"]}, lambda u: u.status in ("SUSPENDED", "ACTIVE")),
    ({"statusReasonIn": ["IDLE", "WAITING_FOR_SEAT"]}, lambda u: u.status_reason in ("IDLE", "WAITING_FOR_SEAT")),
    ({"roleIn": ["PORTAL_ADMIN"]}, lambda u: u.role == "PORTAL_ADMIN"),
    ({"kindIn": ["INTERNAL"]}, lambda u: u.kind == "INTERNAL"),
    ({"emailDomainIn": ["@ACME.test", "x"]}, lambda u: u.email is not None),
    ({"notSignedInSince": "PT3H"}, lambda u: u.last_sign_in_at is None or u.last_sign_in_at < NOW - timedelta(hours=3)),
    (
        {"lastSignInAfter": "PT3H"},
        lambda u: u.last_sign_in_at is not None and u.last_sign_in_at >= NOW - timedelta(hours=3),
    ),
    ({"statusChangedAfter": "P5D"}, lambda u: u.status_changed_at >= NOW - timedelta(days=5)),
    ({"statusChangedBefore": "P5D"}, lambda u: u.status_changed_at < NOW - timedelta(days=5)),
    ({"holdsSeat": True}, lambda u: u.holds_seat),
    ({"holdsSeat": False}, lambda u: not u.holds_seat),
    ({"emailVerified": True}, lambda u: u.email_verified_at is not None),
    ({"emailVerified": False}, lambda u: u.email_verified_at is None),
    ({"mfaEnrolled": True}, lambda u: u.mfa_enrolled),
    ({"mfaEnrolled": False}, lambda u: not u.mfa_enrolled),
    ({"neverSignedIn": True}, lambda u: u.last_sign_in_at is None),
    ({"neverSignedIn": False}, lambda u: u.last_sign_in_at is not None),
    (
        {"lastSignInBefore": instant(hours=3)},
        lambda u: u.last_sign_in_at is not None and u.last_sign_in_at < NOW - timedelta(hours=3),
    ),
    ({"addedAfter": instant(days=5)}, lambda u: u.added_at >= NOW - timedelta(days=5)),
    ({"addedBefore": instant(days=5)}, lambda u: u.added_at < NOW - timedelta(days=5)),
]
MATCHES_NO_USER: list[dict[str, Any]] = [
    *({name: []} for name in ("portalIdIn", "statusIn", "statusReasonIn", "roleIn", "kindIn", "idIn", "emailDomainIn")),
    {"idIn": ["x", global_id("PortalUser", an_id()), global_id("Portal", an_id())]},
    {"emailDomainIn": ["", "test", "@", "m@acme.test", "x" * 400]},
    {"portalIdIn": ["x", global_id("Portal", an_id()), global_id("PortalUser", an_id())]},
    {"addedAfter": instant(days=5), "addedBefore": instant(days=5)},
]


def ids(users: list[PortalUser]) -> set[str]:
    return {global_id("PortalUser", user.id) for user in users}


async def test_the_categories_partition_the_users(world: World, ask: Ask) -> None:  # L4, W13
    all_users, nora = await seed_users(world, 40), await world.mssp_admin()

    found = {category: set(await listed(ask, nora, category=category)) for category in CATEGORIES}

    assert found == {c: ids([u for u in all_users if u.status in s]) for c, s in CATEGORIES.items()}
    assert sum(map(len, found.values())) == len(all_users)
    assert set(await listed(ask, nora)) == ids(all_users)


async def test_staff_and_portal_admins_see_the_same_lists(world: World, ask: Ask) -> None:  # L3, L4
    portal = await world.portal()
    await seed_users(world, 30, portal)
    sides = [await world.portal_admin(portal), await world.technician(portal), await world.mssp_admin()]

    for category in CATEGORIES:
        lists = [await listed(ask, viewer, category=category) for viewer in sides]
        assert lists[0] == lists[1] == lists[2] != []


async def test_each_filter_lists_exactly_the_matching_users(world: World, ask: Ask) -> None:
    all_users, nora = await seed_users(world, 120), await world.mssp_admin()

    for condition, meets in FILTERS:
        expected = ids([user for user in all_users if meets(user)])
        assert 0 < len(expected) < len(all_users), condition
        assert set(await listed(ask, nora, filter=condition)) == expected, condition


async def test_users_must_meet_all_conditions(world: World, ask: Ask) -> None:
    all_users, nora = await seed_users(world, 60), await world.mssp_admin()

    for (one, meets_one), (other, meets_other) in combinations(FILTERS, 2):
        if not set(one) & set(other):
            expected = ids([user for user in all_users if meets_one(user) and meets_other(user)])
            assert set(await listed(ask, nora, filter={**one, **other})) == expected, (one, other)


async def test_users_must_meet_category_filter_search_and_portal(world: World, ask: Ask) -> None:  # L4, T14
    portals = await world.portal("one"), await world.portal("two")
    all_users, nora = await seed_users(world, 80, *portals), await world.mssp_admin()

    found = await listed(
        ask,
        nora,
        portalId=global_id("Portal", portals[0].id),
        category="ENABLED",
        filter={"mfaEnrolled": True},
        search="user.",
    )

    expected = [u for u in all_users if u.portal == portals[0] and u.category == "ENABLED" and u.mfa_enrolled]
    assert set(found) == ids(expected)
    assert found


async def test_a_filter_by_portals_lists_their_users(world: World, ask: Ask) -> None:
    portals = [await world.portal() for _ in range(3)]
    all_users, nora = await seed_users(world, 30, *portals), await world.mssp_admin()
    chosen = [global_id("Portal", portal.id) for portal in portals[:2]]

    found = await listed(ask, nora, filter={"portalIdIn": [*chosen, "no portal", chosen[0]]})

    assert set(found) == ids([user for user in all_users if user.portal in portals[:2]])


async def test_an_empty_list_and_ids_that_name_nothing_match_no_user(world: World, ask: Ask) -> None:
    await seed_users(world, 10)
    nora = await world.mssp_admin()

    for condition in MATCHES_NO_USER:
        assert await listed(ask, nora, filter=condition) == [], condition


async def test_null_is_no_condition(world: World, ask: Ask) -> None:
    all_users, nora = await seed_users(world, 10), await world.mssp_admin()
    every_field = ("portalIdIn", "statusIn", "statusReasonIn", "roleIn", "kindIn", "idIn", "emailDomainIn", "holdsSeat")
    of_access = ("groupIdIn", "subAccountIdIn", "appRoleIdIn")
    others = ("emailVerified", "hasPendingEmail", "mfaEnrolled", "neverSignedIn", *of_access, *TIMES)

    for condition in ({}, dict.fromkeys((*every_field, *others)), None):
        assert set(await listed(ask, nora, filter=condition, search=None, category=None)) == ids(all_users)


async def test_each_viewer_lists_the_users_of_managed_portals_and_no_others(
    world: World, ask: Ask
) -> None:  # L3, T1, T2
    one, two = await world.portal("one"), await world.portal("two")
    other = await world.portal("other", mssp=await world.mssp())
    ann, bob = await world.portal_admin(one), await world.user(one)
    eve, foreign = await world.user(two), await world.user(other)
    reach = [
        (await world.mssp_admin(), {ann, bob, eve}),
        (await world.technician(two), {eve}),
        (await world.technician(), set()),
        (ann, {ann, bob}),
        (bob, set()),
    ]

    for viewer, expected in reach:
        assert set(await listed(ask, viewer)) == {person.gid for person in expected}, viewer
    assert foreign.gid not in await listed(ask, reach[0][0])


async def test_the_list_of_a_portal_that_the_viewer_does_not_manage_is_null(world: World, ask: Ask) -> None:  # L3, T2
    mine, sibling = await world.portal("mine"), await world.portal("sibling")
    ann, bob = await world.portal_admin(mine), await world.user(mine)
    document = "query ($id: ID) { users(portalId: $id) { totalCount } }"
    not_there = [global_id("Portal", sibling.id), global_id("Portal", an_id()), ann.gid, "x"]

    answers = [await ask(document, actor=ann, id=id) for id in not_there]
    of_a_portal_user = await ask(document, actor=bob, id=global_id("Portal", mine.id))

    assert {reply.response.content for reply in answers} == {b'{"data":{"users":null}}'}
    assert of_a_portal_user.data == {"users": None}


async def test_one_user_is_shown_with_every_column(world: World, ask: Ask, clock: TestClock) -> None:  # T3, T15
    portal = await world.portal("acme", name="Acme")
    ann = await world.portal_admin(portal)
    given: dict[str, Any] = {
        "first_name": "Zoë",
        "last_name": None,
        "username": "zoe",
        "email": "zoe@acme.test",
        "mfa_enrolled": True,
    }
    instants: dict[str, Any] = {
        "added_at": clock.now() - timedelta(days=2),
        "last_sign_in_at": clock.now() - timedelta(hours=1),
    }
    zoe = await world.user(portal, **given, **instants)
    document = """
    query ($id: ID!) {
      user(id: $id) {
        id name portal { slug } kind username firstName lastName email emailVerifiedAt pendingEmail status statusReason
        statusChangedAt category role holdsSeat mfaEnrolled lastSignInAt addedAt modifiedAt version signInBlockers { code }
      }
    }
    """

    user = (await ask(document, actor=ann, id=zoe.gid)).data["user"]

    added = "2026-02-27T09:00:00.000Z"
    assert user == {
        **{"id": zoe.gid, "name": "Zoë", "portal": {"slug": "acme"}, "kind": UserKind.EXTERNAL, "username": "zoe"},
        **{"firstName": "Zoë", "lastName": None, "email": "zoe@acme.test", "emailVerifiedAt": added},
        **{"pendingEmail": None, "status": Status.ACTIVE, "statusReason": None, "statusChangedAt": added},
        **{"category": "ENABLED", "role": "PORTAL_USER", "holdsSeat": True, "mfaEnrolled": True},
        **{"lastSignInAt": "2026-03-01T08:00:00.000Z", "addedAt": added, "modifiedAt": added, "version": 1},
        "signInBlockers": [],
    }


@pytest.mark.parametrize("field", ["user", "node"])
async def test_a_user_that_the_viewer_may_not_see_is_null(world: World, ask: Ask, field: str) -> None:  # T2, T15
    ann, bob = await world.portal_admin(), await world.user()
    foreign = await world.user(await world.portal("sibling"))
    document = f"query ($id: ID!) {{ {field}(id: $id) {{ id }} }}"

    unseen = [foreign.gid, global_id("PortalUser", an_id()), "x", "", ann.gid[:-1]]
    answers = {(await ask(document, actor=ann, id=id)).response.content for id in unseen}

    assert answers == {f'{{"data":{{"{field}":null}}}}'.encode()}
    assert (await ask(document, actor=bob, id=ann.gid)).data == {field: None}
    assert (await ask(document, actor=bob, id=bob.gid)).data == {field: {"id": bob.gid}}
