"""Sorting users."""

from __future__ import annotations

from itertools import islice, product

import pytest

from models.users.listing import OrderField
from resolvers.core.global_ids import global_id
from tests.features.listing.people import DEFAULT_ORDER, KEYS, Order, asked, in_order, listed, seed_users
from tests.support.world import Ask, World

SEVERAL: list[Order] = [
    (("LAST_NAME", True), ("FIRST_NAME", False)),
    (("STATUS", False), ("LAST_SIGN_IN_AT", True), ("EMAIL", True)),
    (("LAST_SIGN_IN_AT", False), ("ADDED_AT", True), ("FIRST_NAME", True)),
    (("ROLE", True), ("PORTAL_NAME", False), ("USERNAME", True)),
    (("MODIFIED_AT", True), ("LAST_NAME", True), ("LAST_SIGN_IN_AT", True)),
    tuple((field, bool(n % 2)) for n, field in enumerate(KEYS)),
]


@pytest.mark.parametrize("field", sorted(KEYS))
async def test_every_column_sorts_in_both_directions_with_nulls_last(
    world: World, ask: Ask, field: str
) -> None:  # T13, T22
    portals = [await world.portal(slug, name=name) for slug, name in (("b", "Élan"), ("a", "elan"), ("c", "Zebra"))]
    all_users, nora = await seed_users(world, 60, *portals), await world.mssp_admin()

    for descends in (False, True):
        order = ((field, descends),)
        assert await listed(ask, nora, orderBy=asked(order)) == in_order(all_users, order)


@pytest.mark.parametrize("order", SEVERAL)
async def test_later_columns_break_ties_of_earlier_ones(world: World, ask: Ask, order: Order) -> None:  # T13, T22
    all_users, nora = await seed_users(world, 150, await world.portal(), await world.portal()), await world.mssp_admin()

    assert await listed(ask, nora, orderBy=asked(order)) == in_order(all_users, order)


async def test_any_two_columns_sort_in_any_directions(world: World, ask: Ask) -> None:  # T13, T22
    all_users, nora = await seed_users(world, 40, await world.portal(), await world.portal()), await world.mssp_admin()
    pairs = product(product(KEYS, (False, True)), repeat=2)

    for order in islice(pairs, 0, None, 7):
        assert await listed(ask, nora, orderBy=asked(order)) == in_order(all_users, order), order


@pytest.mark.parametrize("descends", [False, True])
async def test_users_that_never_signed_in_come_last_in_both_directions(
    world: World, ask: Ask, *, descends: bool
) -> None:
    await seed_users(world, 30)  # T22
    nora = await world.mssp_admin()
    document = """
    query ($orderBy: [UserOrder!]) { users(orderBy: $orderBy) { nodes { lastSignInAt } } }
    """

    reply = await ask(document, actor=nora, orderBy=asked((("LAST_SIGN_IN_AT", descends),)))

    never = [node["lastSignInAt"] is None for node in reply.data["users"]["nodes"]]
    assert never == [False] * 20 + [True] * 10


@pytest.mark.parametrize("order_by", [None, []])
async def test_the_default_order_is_by_name(world: World, ask: Ask, order_by: list[str] | None) -> None:
    all_users, nora = await seed_users(world, 40), await world.mssp_admin()

    assert await listed(ask, nora, orderBy=order_by) == in_order(all_users, DEFAULT_ORDER)


async def test_the_default_direction_is_ascending(world: World, ask: Ask) -> None:
    all_users, nora = await seed_users(world, 20), await world.mssp_admin()

    assert await listed(ask, nora, orderBy=[{"field": "EMAIL"}]) == in_order(all_users, (("EMAIL", False),))


async def test_the_first_of_two_equal_columns_counts(world: World, ask: Ask) -> None:
    all_users, nora = await seed_users(world, 40), await world.mssp_admin()
    order = (("ROLE", True), ("LAST_NAME", False))

    found = await listed(ask, nora, orderBy=asked((*order, ("ROLE", False), ("LAST_NAME", True))))

    assert found == in_order(all_users, order)


async def test_more_columns_than_exist_are_refused(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    document = "query ($orderBy: [UserOrder!]) { users(orderBy: $orderBy) { totalCount } }"

    reply = await ask(document, actor=nora, orderBy=[{"field": "EMAIL"}] * (len(OrderField) + 1))

    assert reply.codes == ["BAD_USER_INPUT"]


async def test_the_expected_answers_know_every_column() -> None:
    assert set(KEYS) == set(OrderField)


async def test_a_portal_s_users_have_the_same_order(world: World, ask: Ask) -> None:  # T13
    portal = await world.portal()
    all_users, nora = await seed_users(world, 40, portal), await world.mssp_admin()
    document = """
    query ($id: ID!, $orderBy: [UserOrder!]) { portal(id: $id) { users(orderBy: $orderBy) { nodes { id } } } }
    """
    order = (("LAST_SIGN_IN_AT", True), ("FIRST_NAME", False))

    reply = await ask(document, actor=nora, id=global_id("Portal", portal.id), orderBy=asked(order))

    assert [node["id"] for node in reply.data["portal"]["users"]["nodes"]] == in_order(all_users, order)
