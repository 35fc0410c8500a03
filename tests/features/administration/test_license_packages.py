"""License packages: which roles may create them, the sum of their seats, and what happens when one ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import LicensePackage, Portal
from resolvers.core.global_ids import global_id
from rules.administration.license_packages import MOST_PACKAGES, MOST_SEATS
from rules.lifecycle.licenses import SeatMode
from rules.lifecycle.statuses import Status
from tests.features.administration.administering import administer, codes, events_of, params
from tests.support.world import Ask, Person, World
from tests.support.world.answers import reasons, statuses

SHOWN = """
package { id name seats isActive startsAt endsAt portal { slug } }
licenseTiles { id seatsTotal seatsUsed seatsAvailable packages { name } }
usersOverAtEnd
"""


async def enter(ask: Ask, actor: Person, portal: Portal, **given: Any) -> Any:
    input = {"portalId": global_id("Portal", portal.id), "name": "Standard", "seats": 10, **given}
    return await administer(ask, actor, "createLicensePackage", SHOWN, **input)


async def change(ask: Ask, actor: Person, package: LicensePackage, **given: Any) -> Any:
    return await administer(
        ask, actor, "updateLicensePackage", SHOWN, id=global_id("LicensePackage", package.id), **given
    )


def seats(payload: Any) -> tuple[int | None, int, int | None]:
    tiles = payload["licenseTiles"]
    return tiles["seatsTotal"], tiles["seatsUsed"], tiles["seatsAvailable"]


async def test_an_mssp_admin_enters_a_package_and_its_seats_count_at_once(world: World, ask: Ask) -> None:  # E2
    portal, nora = await world.portal("acme", seats=3), await world.mssp_admin()

    payload = await enter(ask, nora, portal, name=" Summer ", seats=4)

    assert payload["errors"] == []
    assert payload["package"] == {
        "id": payload["package"]["id"],
        "name": "Summer",
        "seats": 4,
        "isActive": True,
        "startsAt": None,
        "endsAt": None,
        "portal": {"slug": "acme"},
    }
    assert seats(payload) == (7, 0, 7)
    assert payload["usersOverAtEnd"] is None


@pytest.mark.parametrize("role", ["technician", "portal_admin", "user"])
async def test_others_than_mssp_admins_enter_no_package_and_managers_read_them(
    world: World, ask: Ask, role: str
) -> None:  # E2, K29, T12
    portal = await world.portal(seats=3)
    package = await LicensePackage.get(portal_id=portal.id)
    actor = await (world.technician(portal) if role == "technician" else getattr(world, role)(portal))

    refused = [await enter(ask, actor, portal), await change(ask, actor, package, seats=100)]
    tiles = (await ask("{ licenseTiles { seatsTotal packages { name seats } } }", actor=actor)).data["licenseTiles"]

    assert [codes(payload) for payload in refused] == [[("NOT_ALLOWED", None)]] * 2
    expected = {"seatsTotal": 3, "packages": [{"name": "Standard", "seats": 3}]}
    assert tiles == (None if role == "user" else expected)


async def test_the_total_is_what_runs_at_that_moment(world: World, ask: Ask) -> None:  # E1
    portal, nora, now = await world.portal(seats=2), await world.mssp_admin(), world.clock.now()

    later = await enter(ask, nora, portal, seats=5, startsAt=(now + timedelta(minutes=1)).isoformat())
    earlier = await enter(ask, nora, portal, seats=7, endsAt=now.isoformat())
    world.clock.advance(timedelta(minutes=1))
    tiles = (await ask("{ licenseTiles { seatsTotal } }", actor=nora)).data["licenseTiles"]

    assert [(p["package"]["isActive"], seats(p)[0]) for p in (later, earlier)] == [(False, 2), (False, 2)]
    assert tiles == {"seatsTotal": 7}


async def test_all_faults_of_a_package_come_back_at_once(world: World, ask: Ask) -> None:
    portal, nora, now = await world.portal(), await world.mssp_admin(), world.clock.now().isoformat()

    payload = await enter(ask, nora, portal, name=" ", seats=0)
    too_large = await enter(ask, nora, portal, seats=MOST_SEATS + 1)
    backwards = await enter(ask, nora, portal, startsAt=now, endsAt=now)

    assert codes(payload) == [("INVALID_INPUT", ["input", "name"]), ("INVALID_INPUT", ["input", "seats"])]
    assert params(too_large) == {"problem": "SEATS_OUT_OF_RANGE", "minimum": "1", "maximum": str(MOST_SEATS)}
    assert (codes(backwards), params(backwards)) == (
        [("INVALID_INPUT", ["input", "startsAt"])],
        {"problem": "ENDS_BEFORE_START"},
    )


async def test_a_portal_has_a_bounded_number_of_packages(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(seats=None), await world.mssp_admin()
    for _ in range(MOST_PACKAGES):
        await world.package(portal, 1)

    payload = await enter(ask, nora, portal)

    assert params(payload) == {"problem": "TOO_MANY_PACKAGES", "maximum": str(MOST_PACKAGES)}


async def test_seats_in_use_are_not_lowered_and_the_refusal_has_the_numbers(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(seats=3), await world.mssp_admin()
    await world.users(4, portal)
    await world.package(portal, 2)
    package = await LicensePackage.get(portal_id=portal.id, seats=3)
    later = (world.clock.now() + timedelta(days=1)).isoformat()

    lower = await change(ask, nora, package, seats=1)
    starts_later = await change(ask, nora, package, startsAt=later)
    enough = await change(ask, nora, package, seats=2)

    assert codes(lower) == [("SEATS_IN_USE", ["input", "seats"])]
    assert params(lower) == {"problem": "FEWER_THAN_USED", "seatsUsed": "4", "seatsTotal": "3", "over": "1"}
    assert lower["package"] is lower["licenseTiles"] is None
    assert codes(starts_later) == [("SEATS_IN_USE", ["input", "startsAt"])]
    assert params(starts_later) == {"problem": "FEWER_THAN_USED", "seatsUsed": "4", "seatsTotal": "2", "over": "2"}
    assert (codes(enough), seats(enough)) == ([], (4, 4, 0))


async def test_an_end_is_always_accepted_and_says_how_many_users_will_be_over(world: World, ask: Ask) -> None:
    portal, nora, now = await world.portal(seats=3), await world.mssp_admin(), world.clock.now()
    await world.users(3, portal)
    package = await LicensePackage.get(portal_id=portal.id)
    await world.package(portal, 1, name="Extra", starts_at=now + timedelta(days=5))

    ends = (now + timedelta(days=10), now + timedelta(days=1), now, now - timedelta(days=1))
    payloads = [await change(ask, nora, package, endsAt=end.isoformat()) for end in ends]

    assert [codes(payload) for payload in payloads] == [[]] * 4
    assert [payload["usersOverAtEnd"] for payload in payloads] == [2, 3, 3, 3]
    assert [seats(payload) for payload in payloads] == [(3, 3, 0), (3, 3, 0), (0, 3, 0), (0, 3, 0)]


async def test_an_ended_package_takes_no_one_out_and_blocks_activations(world: World, ask: Ask) -> None:  # E1, K29
    portal, nora = await world.portal(seats=2, support_contact="Ida, extension 7"), await world.mssp_admin()
    people = await world.users(2, portal)
    waiting = await world.user(portal, status=Status.DEACTIVATED)
    package = await LicensePackage.get(portal_id=portal.id)

    await change(ask, nora, package, endsAt=world.clock.now().isoformat())
    refused = await ask.act("activateUsers", nora, waiting)
    locked = await ask.act("lockUsers", nora, people[0])
    freed = await ask.act("deactivateUsers", nora, people[1])

    assert reasons(refused) == ["LICENSE_PACKAGE_INACTIVE"]
    assert "Ida, extension 7" in refused["outcomes"][0]["reason"]["message"]
    assert reasons(locked) + reasons(freed) == [None, None]
    assert await statuses(world, [*people, waiting]) == [Status.SUSPENDED, Status.DEACTIVATED, Status.DEACTIVATED]


async def test_a_package_can_be_extended_and_raised_while_users_are_over(world: World, ask: Ask) -> None:
    portal, nora, now = await world.portal(seats=None), await world.mssp_admin(), world.clock.now()
    await world.users(5, portal)
    package = await world.package(portal, 1, ends_at=now)

    extended = await change(ask, nora, package, endsAt=None, seats=2)
    raised = await change(ask, nora, package, seats=3)
    lowered = await change(ask, nora, package, seats=2)

    assert (seats(extended), seats(raised)) == ((2, 5, 0), (3, 5, 0))
    assert codes(lowered) == [("SEATS_IN_USE", ["input", "seats"])]


async def test_seats_of_an_unlimited_portal_and_of_a_package_to_come_are_free_to_change(world: World, ask: Ask) -> None:
    unlimited = await world.portal(seats=5, seat_mode=SeatMode.UNLIMITED)
    limited, nora = await world.portal(seats=1), await world.mssp_admin()
    await world.users(2, unlimited)
    await world.user(limited)
    to_come = await world.package(limited, 9, starts_at=world.clock.now() + timedelta(days=1))

    payloads = [
        await change(ask, nora, await LicensePackage.get(portal_id=unlimited.id), seats=1),
        await change(ask, nora, to_come, seats=1),
    ]

    assert [codes(payload) for payload in payloads] == [[], []]


async def test_each_change_of_a_package_is_an_event_with_the_values_before_and_after(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(seats=None), await world.mssp_admin()
    portal_id = global_id("Portal", portal.id)

    entered = (await enter(ask, nora, portal, seats=5))["package"]
    package = await LicensePackage.get(portal_id=portal.id)
    await change(ask, nora, package, seats=6, endsAt="2026-12-31T00:00:00Z")
    await change(ask, nora, package, seats=6)

    assert await events_of(ask, nora) == [
        (
            "LICENSE_PACKAGE_CREATED",
            {
                "portal": (portal_id, portal_id),
                "licensePackage": (None, entered["id"]),
                "name": (None, "Standard"),
                "seats": (None, "5"),
            },
        ),
        (
            "LICENSE_PACKAGE_UPDATED",
            {
                "portal": (portal_id, portal_id),
                "licensePackage": (entered["id"], entered["id"]),
                "seats": ("5", "6"),
                "endsAt": (None, "2026-12-31T00:00:00.000Z"),
            },
        ),
    ]


async def test_what_happens_to_packages_is_in_the_log_without_a_portal_only(world: World, ask: Ask) -> None:  # E2
    portal, nora = await world.portal(seats=3), await world.mssp_admin()
    log = "query ($slug: String) { auditLog(portalSlug: $slug) { nodes { event portal { slug } } } }"

    await enter(ask, nora, portal)
    of_portal, of_mssp = [await ask(log, actor=nora, slug=slug) for slug in (portal.slug, None)]

    assert of_portal.data["auditLog"]["nodes"] == []
    assert of_mssp.data["auditLog"]["nodes"] == [{"event": "LICENSE_PACKAGE_CREATED", "portal": None}]
