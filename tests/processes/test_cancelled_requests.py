"""Requests that are cancelled at any moment leave no open transaction and no partial change, and the server goes on."""

from __future__ import annotations

import asyncio
import gc
import random
from typing import Any

import pytest

from rules.lifecycle.statuses import Status
from services.admin.doctor import find_wrong_values
from tests.support.databases import Database
from tests.support.databases.cancellation import assert_nothing_open, cancel_at_random_moments
from tests.support.databases.wholeness import assert_every_operation_is_whole
from tests.support.world import PASSWORD, Ask, Person, World
from tests.support.world.bulk_documents import BULK

READS = (
    "{ users(first: 20, orderBy: [{field: LAST_SIGN_IN_AT}]) { totalCount nodes { name portal { name } } } }",
    "{ portals { nodes { name licenseTiles { tiles { count } } users(first: 5) { totalCount nodes { name } } } } }",
    "{ auditLog { nodes { actorName user { name } operation { summary { succeeded } } } } viewer { name } }",
)
WRITES = ("activateUsers", "deactivateUsers", "lockUsers", "unlockUsers", "revokeSessions", "deleteUsers")
SIGN_IN = "mutation ($input: SignInInput!) { signIn(input: $input) { session { expiresIn } errors { code } } }"


# graphql-core, cancelled, drops the fields that it has not begun; Python says so for each.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
async def test_three_hundred_requests_cancelled_at_random_moments_leave_nothing_behind(
    db: Database, world: World, ask: Ask
) -> None:
    msp = await world.mssp()
    places = [await world.portal(mssp=msp, seats=30) for _ in range(2)]
    nora, people = await world.mssp_admin(msp), [bob for place in places for bob in await world.users(40, place)]
    waiting = await world.user(places[0], status=Status.DEACTIVATED)
    door = {"portalSlug": places[0].slug, "password": PASSWORD}
    visitor = await world.user(places[0], password=PASSWORD)
    assert (await ask("{ viewer { name } }", actor=nora)).data["viewer"]
    chance = random.Random(300)  # noqa: S311  # to be the same in every run, not to keep a secret

    async def call() -> None:
        match chance.randrange(10):
            case 0:
                login = f"unknown{chance.random()}"
                await ask(SIGN_IN, input={**door, "login": login})
            case kind if kind < 4:
                await ask(READS[kind - 1], actor=nora)
            case kind:
                name = WRITES[kind - 4]
                some = chance.sample(people, 2 if name == "deleteUsers" else chance.randrange(1, 30))
                await ask(BULK.format(name=name), actor=nora, input=_all(some))

    cancelled = 0
    while cancelled < 300:
        cancelled += 50 - await cancel_at_random_moments(call, times=50, within=0.015)
    await _what_was_abandoned_ends()

    await assert_nothing_open(db)
    assert await find_wrong_values(world.parts.runtime) == []
    await assert_every_operation_is_whole()
    assert (await ask.act("deactivateUsers", nora, *people, waiting))["summary"]["requested"] == len(people) + 1
    assert (await ask(SIGN_IN, input={**door, "login": visitor.login})).data["signIn"]["session"]


def _all(people: list[Person]) -> dict[str, Any]:
    return {"users": {"ids": [person.gid for person in people]}}


async def _what_was_abandoned_ends() -> None:
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)
    del others
    gc.collect()  # now, while what it has to say is expected
