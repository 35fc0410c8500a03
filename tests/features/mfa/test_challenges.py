"""Challenges and codes: how long they are valid, and how often they are accepted."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from models.tables import LinkToken, OutboxMail, RecoveryCode
from rules.auth.lockout import SECOND_FACTOR_ATTEMPTS
from rules.lifecycle.statuses import Status
from tests.features.mfa.enrolling import COMPLETE, CONFIRM, ENROLL, STEP, WHO, challenged, code, enrolled
from tests.support.world import PASSWORD, Ask, TestClock, World
from tests.support.world.answers import sign_in
from tests.support.world.places import ELSEWHERE, FAR_AWAY, calling_from


async def answered(ask: Ask, token: str, **given: str) -> Any:
    """Complete the second step of a sign-in. Return "in" if it succeeds, otherwise the codes of blockers and errors."""
    payload = (await ask(COMPLETE, input={"challengeToken": token, **given})).data["completeMfaChallenge"]
    return "in" if payload["session"] else [each["code"] for each in [*payload["blockers"], *payload["errors"]]]


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_code_is_good_in_its_own_step_and_its_neighbours(  # T16
    world: World, ask: Ask, steps: int, good: bool
) -> None:
    bob = await world.user(password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)
    world.clock.advance(5 * STEP)

    answer = await answered(ask, await challenged(ask, bob), code=code(world, enrollment["secret"], steps))

    assert answer == ("in" if good else ["INVALID_CREDENTIALS"])


async def test_a_code_is_good_once_also_for_many_at_once(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)
    tokens = [await challenged(ask, bob) for _ in range(SECOND_FACTOR_ATTEMPTS)]
    now = code(world, enrollment["secret"])

    answers = await asyncio.gather(*(answered(ask, token, code=now) for token in tokens))

    assert answers.count("in") == 1
    assert answers.count(["INVALID_CREDENTIALS"]) == SECOND_FACTOR_ATTEMPTS - 1


async def test_the_code_that_confirmed_opens_nothing(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    enrollment = (await ask(ENROLL, actor=bob, p=PASSWORD)).data["enrollMfa"]
    now = code(world, enrollment["secret"])
    await ask(CONFIRM, actor=bob, c=now)

    assert await answered(ask, await challenged(ask, bob), code=now) == ["INVALID_CREDENTIALS"]


async def test_each_recovery_code_is_good_once_however_it_is_typed(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    first, second, *_ = (await enrolled(world, ask, bob))["recoveryCodes"]

    answers = [
        await answered(ask, await challenged(ask, bob), recoveryCode=typed)
        for typed in (first, first, f" {second.upper().replace('-', ' ')} ", "aaaa-bbbb-cccc-dddd")
    ]

    assert answers == ["in", ["INVALID_CREDENTIALS"], "in", ["INVALID_CREDENTIALS"]]
    assert await RecoveryCode.filter(used_at=None).count() == 8


async def test_a_challenge_lives_five_minutes_and_opens_once(world: World, ask: Ask, clock: TestClock) -> None:
    bob = await world.user(password=PASSWORD)
    codes = (await enrolled(world, ask, bob))["recoveryCodes"]
    used, in_time, late = [await challenged(ask, bob) for _ in range(3)]
    assert await answered(ask, used, recoveryCode=codes[0]) == "in"

    again = await answered(ask, used, recoveryCode=codes[1])
    clock.advance(timedelta(minutes=5) - timedelta(seconds=1))
    last_moment = await answered(ask, in_time, recoveryCode=codes[1])
    clock.advance(timedelta(seconds=1))
    over = await answered(ask, late, recoveryCode=codes[2])

    assert (again, last_moment, over) == (["INVALID_TOKEN"], "in", ["INVALID_TOKEN"])


async def test_five_wrong_codes_end_a_challenge_and_no_code_is_right_for_15_minutes(
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob = await world.user(password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)
    token = await challenged(ask, bob)

    answers = [await answered(ask, token, code="x12345") for _ in range(5)]
    right = await answered(ask, token, code=code(world, enrollment["secret"]))
    clock.advance(timedelta(minutes=15) - timedelta(seconds=1))
    too_soon = await answered(ask, await challenged(ask, bob), code=code(world, enrollment["secret"]))
    clock.advance(timedelta(seconds=1))

    assert answers == [["INVALID_CREDENTIALS"]] * 5
    assert (right, too_soon) == (["INVALID_TOKEN"], ["INVALID_CREDENTIALS"])
    assert await answered(ask, await challenged(ask, bob), code=code(world, enrollment["secret"])) == "in"


async def test_wrong_codes_in_a_row_lock_out_over_all_challenges(world: World, ask: Ask) -> None:  # T7
    portal = await world.portal(lockout_threshold=7)
    bob = await world.user(portal, password=PASSWORD)
    async with calling_from(world, ELSEWHERE) as at_home, calling_from(world, FAR_AWAY) as thief:
        enrollment = await enrolled(world, at_home, bob)

        for _ in range(2):
            token = await challenged(thief, bob)
            for _ in range(4 if await world.status(bob) is Status.ACTIVE else 0):
                await answered(thief, token, code="000000")

        assert await world.status(bob) is Status.LOCKED_OUT
        assert (await sign_in(thief, bob.login, PASSWORD, portal.slug))["errors"]
        assert enrollment["secret"]


@pytest.mark.parametrize("given", [{}, {"code": "123456", "recoveryCode": "x"}])
async def test_exactly_one_of_the_two_is_sent(world: World, ask: Ask, given: dict[str, str]) -> None:
    bob = await world.user(password=PASSWORD)
    await enrolled(world, ask, bob)

    assert await answered(ask, await challenged(ask, bob), **given) == ["INVALID_INPUT"]


async def test_a_challenge_is_no_session_and_blocks_no_other_token(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    await enrolled(world, ask, bob)
    token = await challenged(ask, bob)

    assert (await ask(WHO, token=token)).unauthenticated
    assert await answered(ask, "made up", code="123456") == ["INVALID_TOKEN"]


async def test_a_user_who_is_blocked_meanwhile_gets_the_blocker_and_no_session(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)
    token = await challenged(ask, bob)

    await ask.act("deactivateUsers", ann, bob)

    assert await answered(ask, token, code=code(world, enrollment["secret"])) == ["DEACTIVATED"]


async def test_a_new_password_kills_the_challenges_that_the_old_one_led_to(  # K18
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob = await world.user(password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)
    token = await challenged(ask, bob)
    change = "mutation ($i: ChangePasswordInput!) { changePassword(input: $i) { errors { code } } }"

    changed = await ask(change, actor=bob, i={"currentPassword": PASSWORD, "newPassword": "tall green umbrella stand"})

    assert changed.data["changePassword"]["errors"] == []
    assert await answered(ask, token, code=code(world, enrollment["secret"])) == ["INVALID_TOKEN"]


async def test_a_challenge_leaves_one_row_and_no_mail(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    await enrolled(world, ask, bob)
    mails = await OutboxMail.all().count()

    await challenged(ask, bob)

    (row,) = await LinkToken.filter(user_id=bob.id)
    assert (row.purpose, await OutboxMail.all().count()) == ("MFA_CHALLENGE", mails)


@pytest.mark.parametrize("action", ["resetMfa", "revokeSessions"])
async def test_a_challenge_dies_with_the_second_factor_and_with_the_sessions(
    world: World, ask: Ask, action: str
) -> None:  # T16
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)
    token = await challenged(ask, bob)

    await ask.act(action, ann, bob)

    assert await answered(ask, token, code=code(world, enrollment["secret"])) == ["INVALID_TOKEN"]


async def test_a_recovery_code_is_not_used_up_by_a_blocked_user(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)
    spare = (await enrolled(world, ask, bob))["recoveryCodes"][0]
    token = await challenged(ask, bob)
    await ask.act("lockUsers", ann, bob)

    barred = await answered(ask, token, recoveryCode=spare)
    await ask.act("unlockUsers", ann, bob)

    assert barred == ["SUSPENDED"]
    assert await answered(ask, await challenged(ask, bob), recoveryCode=spare) == "in"
