"""Which actors may act on which users."""

from __future__ import annotations

import pytest

from models.tables import BulkOperation, TechnicianAssignment
from rules.access import Role
from rules.lifecycle.statuses import Status
from tests.services.bulk.asking import OUTCOMES
from tests.support.world import Ask, World
from tests.support.world.answers import counts, reason, reasons, statuses


async def test_several_portals_in_one_bulk_answer_with_the_tiles_of_each_and_the_sum(world: World, ask: Ask) -> None:
    admin = await world.mssp_admin()
    portals = [await world.portal(slug, seats=1) for slug in ("one", "two", "three")]
    waiting = [await world.user(p, status=Status.DEACTIVATED) for p in (*portals, *portals)]

    payload = await ask.act("activateUsers", admin, *waiting)

    assert reasons(payload) == [None] * 3 + ["NO_SEAT_AVAILABLE"] * 3
    slugs = [tiles["portal"] and tiles["portal"]["slug"] for tiles in payload["licenseTiles"]]
    assert (sorted(slugs[:-1]), slugs[-1]) == (["one", "three", "two"], None)
    assert [counts(t)["ACTIVE_USERS"] for t in payload["licenseTiles"]] == [1, 1, 1, 3]


async def test_a_technician_acts_in_the_assigned_portals_only(world: World, ask: Ask) -> None:  # L1, T2
    mine, other = await world.portal("mine"), await world.portal("other")
    tim, bob, eve = await world.technician(mine), await world.user(mine), await world.user(other)

    payload = await ask.act("lockUsers", tim, bob, eve)

    assert reasons(payload) == [None, "NOT_FOUND"]
    assert [t["portal"] and t["portal"]["slug"] for t in payload["licenseTiles"]] == ["mine", None]


async def test_an_unassigned_technician_is_refused_at_once(world: World, ask: Ask) -> None:  # L1
    portal = await world.portal()
    tim, bob = await world.technician(portal), await world.user(portal)
    assert reason(await ask.act("lockUsers", tim, bob)) is None

    await TechnicianAssignment.filter(staff_id=tim.id).delete()

    assert reason(await ask.act("unlockUsers", tim, bob)) == "NOT_FOUND"
    assert await world.status(bob) is Status.SUSPENDED


async def test_two_providers_never_reach_each_other_s_users(world: World, ask: Ask) -> None:  # L3, T2
    theirs = await world.mssp("Theirs")
    ours, other = await world.portal("ours"), await world.portal("other", mssp=theirs)
    bob, eve = await world.user(ours), await world.user(other)
    admins = [await world.mssp_admin(), await world.mssp_admin(theirs)]

    answers = [reasons(await ask.act("lockUsers", admin, bob, eve)) for admin in admins]

    assert answers == [[None, "NOT_FOUND"], ["NOT_FOUND", None]]


async def test_a_portal_user_is_not_allowed_and_nothing_is_attempted(world: World, ask: Ask) -> None:  # T1, T12
    bob, eve = await world.user(), await world.user()

    payload = await ask.act("lockUsers", bob, eve)

    assert [error["code"] for error in payload["errors"]] == ["NOT_ALLOWED"]
    assert await world.status(eve) is Status.ACTIVE
    assert not await BulkOperation.exists()


async def test_a_stranger_is_asked_to_sign_in(world: World, ask: Ask) -> None:  # T1
    bob = await world.user()

    reply = await ask(OUTCOMES, input={"users": {"ids": [bob.gid]}})

    assert reply.unauthenticated
    assert reply.data == {"lockUsers": None}


@pytest.mark.parametrize("name", ["deactivateUsers", "lockUsers", "deleteUsers"])
async def test_no_caller_removes_their_own_access(world: World, ask: Ask, name: str) -> None:
    ann = await world.portal_admin()

    payload = await ask.act(name, ann, ann)

    assert reason(payload) == "CANNOT_TARGET_SELF"
    assert await world.status(ann) is Status.ACTIVE


async def test_an_admin_may_take_another_admin_out_and_staff_even_the_last_one(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.portal_admin()
    nora = await world.staff(Role.MSSP_ADMIN)

    by_another = await ask.act("deactivateUsers", ann, bob)
    by_staff = await ask.act("deactivateUsers", nora, ann)

    assert (reason(by_another), reason(by_staff)) == (None, None)
    assert await statuses(world, [ann, bob]) == [Status.DEACTIVATED] * 2
