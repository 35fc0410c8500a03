"""Dry runs, and runs on exactly the users of a dry run."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import PortalUser, TechnicianAssignment
from resolvers.core.global_ids import global_id
from rules.lifecycle.statuses import Status
from tests.features.selections.selecting import (
    act,
    decisions,
    matching,
    preview,
    previewed,
    these,
    user_ids,
)
from tests.support.databases.stored import OF_A_DRY_RUN, everything
from tests.support.world import Ask, Person, World
from tests.support.world.answers import gids, reasons

MUTATIONS = [
    "activateUsers",
    "deactivateUsers",
    "lockUsers",
    "unlockUsers",
    "deleteUsers",
    "resendVerifications",
    "resetPasswords",
    "resetMfa",
    "revokeSessions",
]


async def one_of_each(world: World, portal: Any = None) -> list[Person]:
    return [await world.user(portal, status=status, mfa_enrolled=status is Status.ACTIVE) for status in Status]


async def details(ask: Ask, viewer: Person, operation: str) -> Any:
    document = """
    query ($id: ID!) { node(id: $id) { ... on BulkOperation {
      state previewExpiresAt createdAt finishedAt total processed startedBy { id }
    } } }
    """
    return (await ask(document, actor=viewer, id=operation)).data["node"]


@pytest.mark.parametrize("name", MUTATIONS)
async def test_a_dry_run_changes_nothing_and_tells_what_the_real_run_then_does(
    world: World, ask: Ask, name: str
) -> None:  # T21
    portal = await world.portal(seats=6)
    nora, people = await world.mssp_admin(), await one_of_each(world, portal)
    mentions = these(*people, people[2], await world.user(await world.portal("b", mssp=await world.mssp())))
    sessions = [await world.token(person) for person in people if await world.status(person) is Status.ACTIVE]
    await ask("{ viewer { id } }", actor=nora)
    before = await everything(besides=OF_A_DRY_RUN)

    dry = await preview(ask, name, nora, mentions)

    assert await everything(besides=OF_A_DRY_RUN) == before
    assert [(await ask("{ viewer { id } }", token=token)).unauthenticated for token in sessions] == [False]
    real = await act(ask, name, nora, mentions)
    assert decisions(dry) == decisions(real)
    assert dry["summary"] == real["summary"]
    assert None in reasons(real)


async def test_a_dry_run_counts_seats_as_the_real_run_would(world: World, ask: Ask) -> None:  # K12
    portal = await world.portal(seats=2)
    ann, _ = await world.portal_admin(portal), await world.users(5, portal, status=Status.DEACTIVATED)
    waiting = matching(5, category="DISABLED")

    dry, real = await preview(ask, "activateUsers", ann, waiting), await act(ask, "activateUsers", ann, waiting)

    assert decisions(dry) == decisions(real)
    assert reasons(real) == [None, None, *["NO_SEAT_AVAILABLE"] * 3]


async def test_a_dry_run_of_all_or_nothing_says_that_nothing_would_be_done(world: World, ask: Ask) -> None:
    ann, bob, staged = await world.portal_admin(), await world.user(), await world.user(status=Status.STAGED)
    policy = {"errorPolicy": "ALL_OR_NOTHING"}

    dry = await preview(ask, "lockUsers", ann, these(bob, staged), **policy)

    assert reasons(dry) == ["ABORTED_BY_POLICY", "NOT_CONFIRMED"]
    assert reasons(await act(ask, "lockUsers", ann, these(bob), **policy)) == [None]


async def test_a_preview_is_an_operation_that_tells_until_when_it_is_good(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()

    dry = await preview(ask, "lockUsers", ann, these(bob))
    real = await act(ask, "lockUsers", ann, previewed(dry))

    kept = await details(ask, ann, dry["operation"]["id"])
    assert (dry["operation"]["state"], kept["state"], kept["total"]) == ("PREVIEW", "PREVIEW", 1)
    assert (kept["createdAt"], kept["previewExpiresAt"]) == ("2026-03-01T09:00:00.000Z", "2026-03-01T09:15:00.000Z")
    assert kept["startedBy"] == {"id": ann.gid}
    done = await details(ask, ann, real["operation"]["id"])
    assert (done["state"], done["previewExpiresAt"]) == ("SUCCEEDED", None)


async def test_exactly_the_users_previewed_are_met_in_their_order(world: World, ask: Ask) -> None:
    ann, people = await world.portal_admin(), await world.users(4)
    by_name = matching(orderBy=[{"field": "LAST_NAME", "direction": "DESC"}], excludeIds=[ann.gid])
    dry = await preview(ask, "lockUsers", ann, by_name)

    newcomer = await world.user(last_name="Aardvark")
    await PortalUser.filter(id=people[0].id).update(last_name_sort="zzz")
    payload = await act(ask, "lockUsers", ann, previewed(dry))

    assert user_ids(payload) == user_ids(dry) == list(reversed(gids(people)))
    assert reasons(payload) == [None] * 4
    assert await world.status(newcomer) is Status.ACTIVE


async def test_of_a_preview_of_nine_hundred_the_decision_is_made_afresh(world: World, ask: Ask) -> None:
    portal = await world.portal(seats=2000)
    ann, eve, people = await world.portal_admin(portal), await world.portal_admin(portal), await world.users(900)
    dry = await preview(ask, "lockUsers", ann, these(*people))
    await ask.act("deactivateUsers", eve, *people[100:200])
    await ask.act("deleteUsers", eve, *people[300:350])
    await ask.act("lockUsers", eve, people[899])
    await world.users(50, portal)

    payload = await act(ask, "lockUsers", ann, previewed(dry))

    expected: list[str | None] = [None] * 900
    expected[100:200] = ["INACTIVE"] * 100
    expected[300:350] = ["NOT_FOUND"] * 50
    expected[899] = "ALREADY_IN_STATE"
    assert reasons(dry) == [None] * 900
    assert user_ids(payload) == gids(people)
    assert reasons(payload) == expected
    assert await PortalUser.filter(status=Status.ACTIVE, kind="EXTERNAL").count() == 50


async def test_deleted_users_and_users_out_of_reach_are_not_found(world: World, ask: Ask) -> None:
    one, two = await world.portal("one"), await world.portal("two")
    tim, nora = await world.technician(one, two), await world.mssp_admin()
    bob, eve, stays = await world.user(one), await world.user(two), await world.user(one)
    dry = await preview(ask, "lockUsers", tim, these(bob, eve, stays))

    await ask.act("deleteUsers", nora, bob)
    await TechnicianAssignment.filter(staff_id=tim.id, portal_id=two.id).delete()
    payload = await act(ask, "lockUsers", tim, previewed(dry))

    assert reasons(payload) == ["NOT_FOUND", "NOT_FOUND", None]
    assert {**payload["outcomes"][0], "index": 1, "userId": eve.gid} == payload["outcomes"][1]
    assert await world.status(eve) is Status.ACTIVE


async def test_duplicates_and_unknown_ids_of_a_preview_stay_so_in_the_run(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    unknown = global_id("PortalUser", world.parts.runtime.new_id())
    odd = ["one@acme.test", "two@acme.test", "x" * 500, ""]
    dry = await preview(ask, "lockUsers", ann, {"ids": [*odd, unknown, bob.gid, unknown, bob.gid]})

    payload = await act(ask, "lockUsers", ann, previewed(dry))

    duplicate = "DUPLICATE_IN_REQUEST"
    assert reasons(dry) == [*["NOT_FOUND"] * 5, None, duplicate, duplicate]
    assert reasons(payload) == reasons(dry)
    assert user_ids(payload)[4:] == [unknown, bob.gid, unknown, bob.gid]
