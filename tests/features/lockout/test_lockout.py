"""Wrong passwords lock an account: first for sources that the account does not know, then for all (T7, T9, T16)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.tables import SignInAttempts
from rules.lifecycle.statuses import Status, StatusReason
from services.admin.doctor import find_wrong_values
from tests.features.lockout.failing import WHO, WRONG, a_user, tries
from tests.support.world import PASSWORD, Ask, TestClock, World
from tests.support.world.answers import reason
from tests.support.world.places import ELSEWHERE, FAR_AWAY, calling_from

LOCKS = "{ auditLog(filter: {eventIn: [USER_LOCKED_OUT, USER_LOCK_ENDED]}) { nodes { event userId actorName } } }"


async def test_wrong_passwords_in_a_row_lock_out_at_the_threshold_and_not_before(world: World, ask: Ask) -> None:  # T7
    bob = await a_user(world)
    ann = await world.portal_admin(bob.portal)

    before = [*await tries(ask, bob, times=2), await world.status(bob)]
    third = await tries(ask, bob)

    assert before == [*WRONG * 2, Status.ACTIVE]
    row = await world.row(bob)
    assert row
    assert (third, row.status, row.status_reason) == (WRONG, Status.LOCKED_OUT, StatusReason.TOO_MANY_FAILED_SIGN_INS)
    assert row.resume_status is Status.ACTIVE
    assert await tries(ask, bob, PASSWORD) == WRONG
    told = (await ask(LOCKS, actor=ann)).data["auditLog"]["nodes"]
    assert [(e["event"], e["userId"]) for e in told] == [("USER_LOCKED_OUT", bob.gid)]
    tiles = (await ask("{ licenseTiles { tiles { kind count } } }", actor=ann)).data["licenseTiles"]["tiles"]
    assert {"kind": "LOCKED_USERS", "count": 1} in tiles
    assert await find_wrong_values(world.parts.runtime) == []


async def test_a_right_password_in_between_begins_the_count_again(world: World, ask: Ask) -> None:  # T7
    bob = await a_user(world)

    answers = [*await tries(ask, bob, times=2), *await tries(ask, bob, PASSWORD), *await tries(ask, bob, times=2)]

    assert answers == [*WRONG * 2, "in", *WRONG * 2]
    assert await world.status(bob) is Status.ACTIVE


async def test_a_known_device_goes_on_while_strangers_are_locked_out(world: World, ask: Ask) -> None:  # T7
    bob = await a_user(world)
    async with calling_from(world, ELSEWHERE) as at_home, calling_from(world, FAR_AWAY) as stranger:
        assert await tries(at_home, bob, PASSWORD) == ["in"]

        attack = await tries(stranger, bob, times=5)
        of_another_stranger = await tries(ask, bob, PASSWORD)
        at_a_known_device = await tries(at_home, bob, PASSWORD)

        assert attack == WRONG * 5
        assert of_another_stranger == WRONG
        assert at_a_known_device == ["in"]
        assert await world.status(bob) is Status.LOCKED_OUT


async def test_a_known_device_has_a_counter_of_its_own_and_at_its_end_is_a_stranger(
    world: World, ask: Ask
) -> None:  # T7
    bob = await a_user(world)
    async with calling_from(world, ELSEWHERE) as at_home, calling_from(world, FAR_AWAY) as stranger:
        assert await tries(at_home, bob, PASSWORD) == ["in"]
        assert await tries(stranger, bob, times=2) == WRONG * 2

        first_two = [*await tries(at_home, bob, times=2), await world.status(bob)]
        third = [*await tries(at_home, bob), await world.status(bob)]

        assert first_two == [*WRONG * 2, Status.ACTIVE]
        assert third == [*WRONG, Status.LOCKED_OUT]
        assert await tries(at_home, bob, PASSWORD) == WRONG
        assert await tries(stranger, bob, PASSWORD) == WRONG


async def test_living_sessions_go_on(world: World, ask: Ask) -> None:  # T7
    bob = await a_user(world)
    async with calling_from(world, FAR_AWAY) as stranger:
        assert (await ask(WHO, actor=bob)).data["viewer"]

        await tries(stranger, bob, times=3)

        assert await world.status(bob) is Status.LOCKED_OUT
        assert (await ask(WHO, actor=bob)).data["viewer"]


@pytest.mark.parametrize("resume", [Status.RECOVERY, Status.AWAITING_NEW_PASSWORD])
async def test_the_lock_resumes_where_it_fell_and_undoes_nothing(world: World, ask: Ask, resume: Status) -> None:  # K18
    portal = await world.portal(lockout_threshold=2)
    ann, bob = await world.portal_admin(portal), await world.user(portal, status=resume, password=PASSWORD)

    await tries(ask, bob, times=2)
    locked = await world.row(bob)
    await ask.act("unlockUsers", ann, bob)

    assert locked
    assert (locked.status, locked.resume_status) == (Status.LOCKED_OUT, resume)
    assert await world.status(bob) is resume


async def test_unlocking_begins_every_count_again(world: World, ask: Ask) -> None:  # T19
    bob = await a_user(world)
    ann = await world.portal_admin(bob.portal)
    async with calling_from(world, ELSEWHERE) as at_home:
        assert await tries(at_home, bob, PASSWORD) == ["in"]
        await tries(at_home, bob, times=3)
        await tries(ask, bob, times=2)

        assert reason(await ask.act("unlockUsers", ann, bob)) is None

        assert not await SignInAttempts.filter(account_id=bob.id).exists()
        assert await tries(at_home, bob, times=2) == WRONG * 2
        assert await tries(at_home, bob, PASSWORD) == ["in"]


async def test_when_the_minutes_are_over_the_next_sign_in_writes_it_down(  # T7
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob = await a_user(world, lockout_minutes=15)
    ann = await world.portal_admin(bob.portal)
    await tries(ask, bob, times=3)

    clock.advance(timedelta(minutes=15) - timedelta(seconds=1))
    just_before = await tries(ask, bob, PASSWORD)
    clock.advance(timedelta(seconds=1))
    over = await tries(ask, bob, PASSWORD)

    assert (just_before, over) == (WRONG, ["in"])
    assert await world.status(bob) is Status.ACTIVE
    told = (await ask(LOCKS, actor=ann)).data["auditLog"]["nodes"]
    assert [e["event"] for e in told] == ["USER_LOCK_ENDED", "USER_LOCKED_OUT"]
    assert await find_wrong_values(world.parts.runtime) == []


async def test_after_the_minutes_the_count_begins_again_and_may_lock_again(  # T7
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob = await a_user(world, lockout_minutes=15)
    ann = await world.portal_admin(bob.portal)
    await tries(ask, bob, times=8)
    clock.advance(timedelta(minutes=16))

    two = await tries(ask, bob, times=2)
    blockers = (await ask("query ($id: ID!) { user(id: $id) { signInBlockers { code } } }", actor=ann, id=bob.gid)).data
    third = await tries(ask, bob)

    row = await world.row(bob)
    assert row
    assert (two, third) == (WRONG * 2, WRONG)
    told = (await ask(LOCKS, token=await world.token(ann))).data["auditLog"]["nodes"]
    assert [e["event"] for e in told] == ["USER_LOCKED_OUT", "USER_LOCK_ENDED", "USER_LOCKED_OUT"]
    assert blockers["user"]["signInBlockers"] == []
    assert (row.status, row.status_changed_at) == (Status.LOCKED_OUT, clock.now())
    assert await find_wrong_values(world.parts.runtime) == []


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.DEACTIVATED])
async def test_a_user_who_cannot_sign_in_anyway_is_not_locked_out(world: World, ask: Ask, status: Status) -> None:
    portal = await world.portal(lockout_threshold=2)
    bob = await world.user(portal, status=status, password=PASSWORD)

    answers = await tries(ask, bob, times=4)

    assert answers == WRONG * 4
    assert await world.status(bob) is status
    assert await tries(ask, bob, PASSWORD) == WRONG


async def test_staff_are_locked_for_fifteen_minutes_after_the_tenth(world: World, ask: Ask, clock: TestClock) -> None:
    nora = await world.mssp_admin(password=PASSWORD)

    ten = await tries(ask, nora, times=10)
    right = await tries(ask, nora, PASSWORD)
    clock.advance(timedelta(minutes=15) - timedelta(seconds=1))
    just_before = await tries(ask, nora, PASSWORD)
    clock.advance(timedelta(seconds=1))

    assert (ten, right, just_before) == (WRONG * 10, WRONG, WRONG)
    assert await tries(ask, nora, PASSWORD) == ["in"]
