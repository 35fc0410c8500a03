"""Selections of all users who match, while other writers change them. The rows after the lock decide."""

from __future__ import annotations

import asyncio

import pytest

from models.tables import PortalUser
from models.users import recount
from rules.lifecycle.statuses import Status
from tests.features.selections.selecting import act, codes, matching, preview, user_ids
from tests.support.databases.holding import a_transaction_waits, writers_held
from tests.support.world import Ask, Person, World
from tests.support.world.answers import reasons, statuses

ENABLED = {"status": Status.ACTIVE, "category": "ENABLED", "status_rank": 2}
DISABLED = {"status": Status.SUSPENDED, "category": "DISABLED", "status_rank": 6}


async def become(standing: dict[str, object], *people: Person) -> None:
    """Give the users another status and update the counters, as a bulk action of another caller does.

    `standing` maps the columns that depend on the status to their new values.
    """
    await PortalUser.filter(id__in=[person.id for person in people]).update(**standing)
    await recount.recount([person.portal.id for person in people if person.portal])


@pytest.mark.parametrize(("leave", "answer"), [(0, []), (1, ["SELECTION_CHANGED"]), (2, ["SELECTION_CHANGED"])])
async def test_a_user_who_stops_matching_while_the_call_waits_is_not_acted_on(
    world: World, ask: Ask, leave: int, answer: list[str]
) -> None:
    portal = await world.portal()
    nora, people = await world.mssp_admin(), await world.users(2, status=Status.SUSPENDED)
    await ask("{ viewer { id } }", actor=nora)

    async with writers_held(world, portal, but=lambda: become(ENABLED, *people[:leave])):
        call = asyncio.create_task(act(ask, "deleteUsers", nora, matching(2, category="DISABLED")))
        await a_transaction_waits()
    payload = await call

    assert codes(payload) == answer
    stand = [Status.ACTIVE] * leave + [Status.SUSPENDED] * (2 - leave)
    assert await statuses(world, people) == (stand if answer else [None] * 2)


@pytest.mark.parametrize("dry", [False, True])
async def test_a_user_who_begins_to_match_while_the_call_waits_counts_too(world: World, ask: Ask, dry: bool) -> None:
    one, two = await world.portal("one"), await world.portal("two")
    nora, bob, eve = await world.mssp_admin(), await world.user(one, status=Status.SUSPENDED), await world.user(two)
    await ask("{ viewer { id } }", actor=nora)

    async def bob_and_eve_change_places() -> None:
        await become(ENABLED, bob)
        await become(DISABLED, eve)

    run, disabled = preview if dry else act, matching(1, category="DISABLED")
    async with writers_held(world, one, but=bob_and_eve_change_places):
        call = asyncio.create_task(run(ask, "unlockUsers", nora, disabled))
        await a_transaction_waits()
    payload = await call

    assert (user_ids(payload), reasons(payload)) == ([eve.gid], [None])
    assert await statuses(world, [bob, eve]) == [Status.ACTIVE, Status.SUSPENDED if dry else Status.ACTIVE]
