"""The total of a list of users is read from the portals' counters where possible, and equals the number of rows."""

from __future__ import annotations

from itertools import product

import pytest

from models.db.keyset.pages import count
from models.db.sql import all_of
from models.portals import lookup as portals
from models.users.lookup import managed_by
from models.users.selection import totals
from models.users.selection.conditions import UserConditions, UserQuery, conditions
from rules.access import Actor, Role
from rules.lifecycle.statuses import ENABLED, Category, Status, StatusReason
from tests.features.listing.counting_statements import statements
from tests.features.listing.people import seed_users
from tests.support.world import World

WAITING = (StatusReason.WAITING_FOR_SEAT,)
COUNTED = [
    UserConditions(),
    UserConditions(status_in=(Status.ACTIVE, Status.SUSPENDED)),
    UserConditions(status_in=()),
    UserConditions(status_in=(Status.DEACTIVATED,), status_reason_in=WAITING),
]
ROWS = [
    UserConditions(status_reason_in=WAITING),
    UserConditions(status_in=(Status.DEACTIVATED,), status_reason_in=(*WAITING, StatusReason.ADMIN_ACTION)),
    UserConditions(role_in=(Role.PORTAL_ADMIN,)),
    UserConditions(status_in=tuple(ENABLED), role_in=(Role.PORTAL_ADMIN,)),
    UserConditions(holds_seat=False),
    UserConditions(mfa_enrolled=True),
    UserConditions(status_in=(Status.ACTIVE,), holds_seat=True),
]


async def test_totals_equal_a_count_of_the_rows(world: World) -> None:
    places = [await world.portal(), await world.portal(), await world.portal()]
    await seed_users(world, 160, *places)
    staff, tim = await world.mssp_admin(), await world.technician(places[0], places[1])
    mine = places[0].id
    actors = [
        _actor(staff.id, Role.MSSP_ADMIN, places[0].mssp_id),
        _actor(tim.id, Role.MSSP_TECHNICIAN, places[0].mssp_id),
    ]
    at, checked = world.clock.now(), 0

    for actor, portal_id, category, given in product(actors, (None, mine), (None, *Category), COUNTED + ROWS):
        query = UserQuery(portal_id, category, given)
        rows = await count("portal_user u", all_of([managed_by(actor), *conditions(query, at)]))
        assert await totals.total(actor, query, at) == rows, query
        licensed = (await portals.by_id(actor, [mine]))[mine]
        if portal_id and (counted := totals.of_portal(licensed.row, query)) is not None:
            assert counted == rows, query
            checked += 1

    assert checked > len(COUNTED)


@pytest.mark.parametrize("given", [UserQuery(filter=each) for each in COUNTED] + [UserQuery(search=" "), UserQuery()])
async def test_what_a_counter_answers_reads_no_user(world: World, given: UserQuery) -> None:
    portal = await world.portal()
    admin = _actor(portal.id, Role.MSSP_ADMIN, portal.mssp_id)

    with statements() as sent:
        await totals.total(admin, given, world.clock.now())

    assert len(sent) == 1
    assert "portal_user" not in sent[0]


@pytest.mark.parametrize("given", [UserQuery(filter=each) for each in ROWS] + [UserQuery(search="a")])
def test_other_totals_have_no_counter(given: UserQuery) -> None:
    assert totals.counters_of(given) is None


def _actor(id: object, role: Role, mssp_id: object) -> Actor:
    return Actor(id, id, role, mssp_id, None, "")  # type: ignore[arg-type]
