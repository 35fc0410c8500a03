"""`gatehouse doctor` prints nothing if all stored counts are right, and a sentence for each wrong count."""

from __future__ import annotations

import pytest

from models.db.sql import Sql, write
from models.portals.table import COUNTERS
from models.tables import Portal, PortalUser
from rules.lifecycle.licenses import SeatMode
from rules.lifecycle.statuses import Status, StatusReason
from services.admin.doctor import find_wrong_values
from services.audit_chain import verification
from tests.features.listing.people import seed_users
from tests.support.world import Ask, World


async def test_a_new_database_is_well(world: World) -> None:
    assert await find_wrong_values(world.parts.runtime) == []


@pytest.mark.parametrize("mode", SeatMode)
async def test_users_of_every_kind_are_well(world: World, mode: SeatMode) -> None:
    await seed_users(world, 50, await world.portal(seat_mode=mode), await world.portal(), await world.portal())

    assert await find_wrong_values(world.parts.runtime) == []


async def test_nothing_drifts_whatever_is_done(world: World, ask: Ask) -> None:  # K13, K26, K28, K30, K33
    portal = await world.portal(seats=6)
    await world.users(6, portal)
    people = [await world.user(portal, status=status) for status in Status if status is not Status.ACTIVE]
    people.append(await world.user(portal, status=Status.DEACTIVATED, status_reason=StatusReason.WAITING_FOR_SEAT))
    nora = await world.mssp_admin()

    for name in ("lockUsers", "activateUsers", "deactivateUsers", "unlockUsers", "activateUsers", "deleteUsers"):
        await ask.act(name, nora, *people)
        assert await find_wrong_values(world.parts.runtime) == [], name
        assert (await verification.check_all(world.parts.runtime)).faults == [], name


@pytest.mark.parametrize("counter", COUNTERS)
async def test_a_counter_that_is_off_is_named_with_both_numbers(world: World, counter: str) -> None:
    await seed_users(world, 20, await world.portal("acme"), await world.portal("umbra"))
    before = (await Portal.filter(slug="acme").values(counter))[0][counter]

    await write(Sql(f"UPDATE portal SET {counter} = {counter} + 3 WHERE slug = 'acme'"))

    assert await find_wrong_values(world.parts.runtime) == [f"acme counts {before + 3} in {counter}, but has {before}"]


async def test_a_copy_that_is_off_is_named(world: World) -> None:
    bob = await world.user(await world.portal("acme"), status=Status.SUSPENDED)

    await PortalUser.filter(id=bob.id).update(category="ENABLED", status_rank=0, holds_seat=False)

    assert await find_wrong_values(world.parts.runtime) == [
        "1 SUSPENDED EXTERNAL users of acme have category ENABLED, not DISABLED",
        "1 SUSPENDED EXTERNAL users of acme have status_rank 0, not 6",
        "1 SUSPENDED EXTERNAL users of acme have holds_seat False, not True",
        "acme counts 1 in seats_used, but has 0",
    ]


async def test_a_portal_without_users_has_nothing_to_count(world: World) -> None:
    await world.portal("acme")

    await write(Sql("UPDATE portal SET active = 1"))

    assert await find_wrong_values(world.parts.runtime) == ["acme counts 1 in active, but has 0"]


async def test_looking_changes_nothing(world: World) -> None:
    await seed_users(world, 10)
    await write(Sql("UPDATE portal SET active = 99"))
    before = await Portal.all().values()

    first, second = await find_wrong_values(world.parts.runtime), await find_wrong_values(world.parts.runtime)

    assert first == second != []
    assert await Portal.all().values() == before
