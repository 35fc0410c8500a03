"""A hundred calls at the same time: the limits still hold, and every caller gets an answer."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from models.db.database import database
from models.db.sql import Sql, fetch, sql
from models.portals import lookup as portals
from models.portals.table import Portal
from resolvers.core.global_ids import global_id
from rules.access import Role
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from rules.refusals import Refusal
from services.admin.doctor import find_wrong_values
from services.auth import sign_in
from services.ports import Caller
from tests.support.databases import Database, on_postgres
from tests.support.databases.wholeness import assert_every_operation_is_whole
from tests.support.world import Ask, Person, Reply, TestClock, World
from tests.support.world.bulk_documents import BULK

WAITS_FOR_ME = (
    "SELECT l.pid FROM pg_locks l WHERE NOT l.granted AND pg_backend_pid() = ANY (pg_blocking_pids(l.pid)) LIMIT 1"
)


@pytest_asyncio.fixture
async def db(closed_db: Database) -> AsyncIterator[Database]:
    """Open the database, and let callers wait up to a minute for one of its ten connections.

    The tests have a hundred callers at once.
    """
    async with database(closed_db.url, patience=timedelta(minutes=1)):
        yield closed_db


async def calls(ask: Ask, actor: Person, name: str, *targets: Person) -> Reply:
    """Call a bulk mutation, and return the reply even if the call is refused."""
    return await ask(BULK.format(name=name), actor=actor, input={"users": {"ids": [t.gid for t in targets]}})


async def signed_in(ask: Ask, *people: Person) -> None:
    """Create a session for each person before the calls begin."""
    for person in people:
        assert (await ask("{ viewer { id } }", actor=person)).data["viewer"]


def verdicts(replies: list[Any]) -> Counter[str]:
    """Count the outcomes of all replies by their reason, or by their status if they have no reason."""
    return Counter(
        outcome["reason"]["code"] if outcome["reason"] else outcome["status"]
        for reply in replies
        for payload in reply.data.values()
        for outcome in payload["outcomes"]
    )


async def test_a_hundred_parallel_activations_on_ten_free_seats_make_exactly_ten_active(
    world: World, ask: Ask
) -> None:  # K12
    portal = await world.portal(seats=10)
    ann, waiting = await world.portal_admin(portal), await world.users(100, portal, status=Status.DEACTIVATED)
    await signed_in(ask, ann)

    replies = await asyncio.gather(*(calls(ask, ann, "activateUsers", bob) for bob in waiting))

    assert verdicts(replies) == {"SUCCEEDED": 10, "NO_SEAT_AVAILABLE": 90}
    assert [await world.status(bob) for bob in waiting].count(Status.ACTIVE) == 10
    assert await find_wrong_values(world.parts.runtime) == []


async def test_parallel_bulks_share_the_seats_out_to_the_last_one(world: World, ask: Ask) -> None:  # K12
    portal = await world.portal(seats=25)
    ann, waiting = await world.portal_admin(portal), await world.users(60, portal, status=Status.DEACTIVATED)
    await signed_in(ask, ann)

    replies = await asyncio.gather(
        *(calls(ask, ann, "activateUsers", *waiting[start : start + 20]) for start in range(0, 60, 10))
    )

    found = verdicts(replies)
    assert found["SUCCEEDED"] == 25
    assert set(found) == {"SUCCEEDED", "ALREADY_IN_STATE", "NO_SEAT_AVAILABLE"}
    assert await find_wrong_values(world.parts.runtime) == []


async def test_bulks_over_common_and_disjoint_users_finish_without_a_deadlock(world: World, ask: Ask) -> None:
    msp = await world.mssp()
    people = [bob for _ in range(5) for bob in await world.users(4, await world.portal(mssp=msp))]
    nora = await world.mssp_admin(msp)
    await signed_in(ask, nora)
    chance = random.Random(1)  # noqa: S311  # to be the same in every run, not to keep a secret
    selections = [people, people[::-1], people[::2], people[1::2][::-1]]
    selections += [chance.sample(people, 12) for _ in range(36)]
    names = ["lockUsers", "unlockUsers", "deactivateUsers", "activateUsers"]

    with capture_logs() as logs:
        replies = await asyncio.gather(
            *(calls(ask, nora, names[i % len(names)], *selection) for i, selection in enumerate(selections))
        )

    assert [reply.errors for reply in replies] == [[]] * len(selections)
    assert [
        entry for entry in logs if entry["event"] == "transaction.retried"
    ] == []  # a deadlock is retried, but costs
    assert await find_wrong_values(world.parts.runtime) == []
    await assert_every_operation_is_whole()


@pytest.mark.parametrize("bystanders", [0, 1])
@pytest.mark.parametrize("name", ["deactivateUsers", "lockUsers", "deleteUsers"])
async def test_of_two_admins_who_remove_each_other_exactly_one_stays(
    world: World, ask: Ask, name: str, bystanders: int
) -> None:  # with a third one the rules do not protect a last admin
    pairs = []
    for _ in range(6):
        portal = await world.portal()
        await world.users(bystanders, portal, kind=UserKind.INTERNAL, role=Role.PORTAL_ADMIN)
        pairs.append((await world.portal_admin(portal), await world.portal_admin(portal)))
    await signed_in(ask, *(admin for pair in pairs for admin in pair))

    for ann, bob in pairs:
        replies = await asyncio.gather(calls(ask, ann, name, bob), calls(ask, bob, name, ann))

        assert sorted(reply.codes for reply in replies) == [[], ["UNAUTHENTICATED"]]
        assert [await world.status(ann), await world.status(bob)].count(Status.ACTIVE) == 1
    assert await find_wrong_values(world.parts.runtime) == []


async def test_activations_racing_a_package_s_end_find_it_running_or_ended(
    world: World, ask: Ask, clock: TestClock
) -> None:  # K12, E1
    portal = await world.portal(seats=None)
    package = await world.package(portal, 100)
    ann, waiting = await world.portal_admin(portal), await world.users(40, portal, status=Status.DEACTIVATED)
    nora, end = await world.mssp_admin(), "mutation ($input: UpdateLicensePackageInput!)"
    end += " { updateLicensePackage(input: $input) { usersOverAtEnd licenseTiles { seatsUsed seatsTotal } } }"
    input = {"id": global_id("LicensePackage", package.id), "endsAt": clock.now().isoformat()}
    await signed_in(ask, ann, nora)

    race: list[Awaitable[Reply]] = [calls(ask, ann, "activateUsers", bob) for bob in waiting]
    race.insert(20, ask(end, actor=nora, input=input))
    replies = list(await asyncio.gather(*race))
    ended = replies.pop(20).data["updateLicensePackage"]

    found = verdicts(replies)
    over = found["SUCCEEDED"]  # none is activated after the end
    assert ended == {"usersOverAtEnd": over, "licenseTiles": {"seatsUsed": over, "seatsTotal": 0}}
    assert found["SUCCEEDED"] + found["LICENSE_PACKAGE_INACTIVE"] == 40
    assert [await world.status(bob) for bob in waiting].count(Status.ACTIVE) == found["SUCCEEDED"]
    assert await find_wrong_values(world.parts.runtime) == []


@on_postgres
async def test_an_action_that_waited_for_a_portal_decides_by_the_time_of_its_lock(
    world: World, ask: Ask, clock: TestClock
) -> None:  # K12, E1
    portal = await world.portal(seats=None)
    await world.package(portal, 100, ends_at=clock.now() + timedelta(minutes=1))
    ann, bob = await world.portal_admin(portal), await world.user(portal, status=Status.DEACTIVATED)
    await signed_in(ask, ann)
    locked = asyncio.Event()

    async def hold_until_a_transaction_waits() -> None:
        await portals.lock([portal.id])
        locked.set()
        while not await fetch(Sql(WAITS_FOR_ME)):
            pass
        clock.advance(timedelta(minutes=1))

    holder = asyncio.create_task(world.parts.runtime.transactions.run(hold_until_a_transaction_waits))
    await locked.wait()
    reply = await calls(ask, ann, "activateUsers", bob)
    await holder

    assert verdicts([reply]) == {"LICENSE_PACKAGE_INACTIVE": 1}


@pytest.mark.parametrize("name", ["deactivateUsers", "lockUsers", "deleteUsers", "revokeSessions"])
async def test_a_sign_in_that_races_the_loss_of_access_leaves_no_living_session(
    world: World, ask: Ask, name: str
) -> None:  # L9
    ann, people = await world.portal_admin(), await world.users(30)
    await signed_in(ask, ann)
    parts = world.parts

    async def sign_in_of(bob: Person) -> str | None:
        try:
            session = await sign_in.open_session(parts.runtime, parts.ports, Caller("127.0.0.1", None), bob.key)
        except Refusal:
            return None
        return session.token.text if session.token else None

    tokens = []
    for i, bob in enumerate(people):
        race = [sign_in_of(bob), calls(ask, ann, name, bob)]
        answers = await asyncio.gather(*(race if i % 2 else reversed(race)))
        tokens += [answer for answer in answers if isinstance(answer, str)]

    if name != "revokeSessions":  # who was signed out may sign in again, a moment later too
        living = await fetch(
            sql("SELECT a.id FROM account_session a WHERE a.revoked_at IS NULL AND a.user_id IS NOT NULL")
        )
        assert len(living) == 1  # Ann's
        for token in tokens:
            assert (await ask("{ viewer { id } }", token=token)).unauthenticated
    assert await find_wrong_values(world.parts.runtime) == []


async def test_parallel_deletes_and_activations_of_the_same_users_delete_each_once(
    world: World, ask: Ask
) -> None:  # K32, K33
    portal: Portal = await world.portal(seats=10)
    ann, people = await world.portal_admin(portal), await world.users(20, portal, status=Status.DEACTIVATED)
    await signed_in(ask, ann)
    chance = random.Random(2)  # noqa: S311  # to be the same in every run, not to keep a secret
    plan = [(name, chance.sample(people, 6)) for _ in range(25) for name in ("deleteUsers", "activateUsers")]

    replies = await asyncio.gather(*(calls(ask, ann, name, *some) for name, some in plan))

    deletions = [reply for (name, _), reply in zip(plan, replies, strict=True) if name == "deleteUsers"]
    named = {bob.id for name, some in plan if name == "deleteUsers" for bob in some}
    assert verdicts(deletions)["SUCCEEDED"] == len(named)
    assert {bob.id for bob in people if await world.status(bob) is None} == named
    assert await find_wrong_values(world.parts.runtime) == []
    await assert_every_operation_is_whole()
