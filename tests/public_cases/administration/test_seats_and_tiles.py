"""Seats and tiles, and which portals admins, technicians and users manage."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from models.tables import Portal
from resolvers.core.global_ids import global_id
from rules.access import Role
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from tests.features.invitations.inviting import PASSWORD as CHOSEN
from tests.features.invitations.inviting import accept, invite_new, links_of, new_person
from tests.features.listing.people import listed
from tests.public_cases.letterbox import Letterbox
from tests.public_cases.steps import accepted, enters, invitee
from tests.support.world import Ask, Person, World
from tests.support.world.answers import counts, reasons, seats

TILES = """
query ($id: ID) { licenseTiles(portalId: $id) { seatsTotal seatsUsed seatsAvailable tiles { kind count } } }
"""


async def tiles(ask: Ask, actor: Person, portal: Portal | None = None) -> Any:
    id = global_id("Portal", portal.id) if portal else None
    return (await ask(TILES, actor=actor, id=id)).data["licenseTiles"]


async def test_a_sole_admin_deactivates_an_ordinary_user(world: World, ask: Ask) -> None:
    await world.portal()
    ann, bob = await world.portal_admin(), await world.user()

    assert reasons(await ask.act("deactivateUsers", ann, bob)) == [None]
    assert await world.status(bob) is Status.DEACTIVATED
    # RocketChat/Rocket.Chat#23622


@pytest.mark.parametrize("action", ["deactivateUsers", "lockUsers", "deleteUsers"])
async def test_the_last_admin_cannot_take_the_own_access_away(world: World, ask: Ask, action: str) -> None:
    await world.portal()
    ann, bob = await world.portal_admin(), await world.user()

    alone = await ask.act(action, ann, ann)
    looked_at = await ask.act(action, ann, ann, dryRun=True)
    among_others = await ask.act(action, ann, bob, ann)

    assert reasons(alone) == reasons(looked_at) == ["CANNOT_TARGET_SELF"]
    assert reasons(among_others) == [None, "CANNOT_TARGET_SELF"]
    assert await world.status(ann) is Status.ACTIVE
    # go-gitea/gitea#15449, PR 19423, gpustack/gpustack#2980, Bubka/2FAuth#331


async def test_deactivation_gives_seats_back_and_tells_the_tiles_in_its_answer(world: World, ask: Ask) -> None:
    portal = await world.portal(seats=5)
    ann, people = await world.portal_admin(), await world.users(3)
    before = await tiles(ask, ann, portal)

    payload = await ask.act("deactivateUsers", ann, *people)
    after = await tiles(ask, ann, portal)
    (told,) = [one for one in payload["licenseTiles"] if one["portal"]]
    await ask.act("activateUsers", ann, *people)

    assert (seats(before), seats(after), seats(told)) == ((5, 3, 2), (5, 0, 5), (5, 0, 5))
    assert counts(told) == counts(after)
    assert counts(after)["INACTIVE_USERS"] == counts(before)["INACTIVE_USERS"] + 3
    assert await tiles(ask, ann, portal) == before
    # mattermost/mattermost#29449, matrix-org/synapse#10861, BerriAI/litellm PR 31227


async def test_an_invitee_who_accepts_without_a_free_seat_is_activated_later(
    world: World, ask: Ask, letterbox: Letterbox
) -> None:
    portal = await world.portal(seats=1, support_contact="licenses@msp.test")
    ann, giver = await world.portal_admin(), await world.user()
    payload = await invite_new(ask, ann, portal, *[invitee(f"late{n}") for n in range(3)])
    late = [new_person(payload, n) for n in range(3)]
    answers = [await accept(ask, letter.token) for letter in await letterbox.emptied()]

    await ask.act("deactivateUsers", ann, giver)
    run = await ask.act("activateUsers", ann, *late)

    assert [answer["blockers"] for answer in answers] == [[{"code": "WAITING_FOR_SEAT"}]] * 3
    assert reasons(run) == [None, "NO_SEAT_AVAILABLE", "NO_SEAT_AVAILABLE"]
    assert "licenses@msp.test" in run["outcomes"][1]["reason"]["message"]
    assert [await enters(ask, f"late{n}@acme.test", portal, CHOSEN) for n in range(3)] == [True, False, False]
    # sourcegraph/cody#1947, onyx-dot-app/onyx PR 8887


async def test_of_invitees_who_accept_at_once_as_many_enter_as_there_are_seats(world: World, ask: Ask) -> None:
    portal = await world.portal(seats=3)
    ann = await world.portal_admin()
    payload = await invite_new(
        ask, ann, portal, *[invitee(f"r{n}") for n in range(8)], delivery="LINK", trustStoredEmail=True
    )

    entered = await asyncio.gather(*[accepted(ask, token) for token in links_of(payload)])

    assert sum(entered) == 3
    assert seats(await tiles(ask, ann, portal)) == (3, 3, 0)
    # dust-tt/dust#12140, growthbook/growthbook PR 6509, onyx-dot-app/onyx PR 7504


async def test_a_technician_s_list_total_and_tiles_hold_the_assigned_portals_only(world: World, ask: Ask) -> None:
    mine, foreign = await world.portal("mine"), await world.portal("foreign")
    here = await world.users(3, mine, first_name="Tech")
    await world.users(2, foreign, first_name="Tech")
    await world.user(mine, status=Status.PROVISIONED)
    technician = await world.technician(mine)

    count = counts(await tiles(ask, technician))

    assert set(await listed(ask, technician, search="tech")) == {bob.gid for bob in here}
    everyone = len(await listed(ask, technician))
    assert everyone == count["ACTIVE_USERS"] + count["INACTIVE_USERS"] + count["OPEN_INVITES"] == 4
    assert await tiles(ask, technician, foreign) is None
    # keycloak/keycloak#44329, #28270, #12653


async def test_an_ordinary_user_resets_no_one_and_a_portal_admin_no_staff(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, kind=UserKind.EXTERNAL, role=Role.PORTAL_USER)
    nora = await world.mssp_admin()

    by_a_user = await ask.act("resetPasswords", bob, ann)
    of_staff = await ask.act("resetPasswords", ann, nora)

    assert ([error["code"] for error in by_a_user["errors"]], by_a_user["outcomes"]) == (["NOT_ALLOWED"], [])
    assert reasons(of_staff) == ["NOT_FOUND"]
    # KelvinTegelaar/CIPP#4794
