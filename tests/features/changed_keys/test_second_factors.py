"""Second factors and recovery codes after a change of keys."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import SignInAttempts
from rules.lifecycle.statuses import Status
from services.admin import key_rotation
from tests.features.changed_keys.changing import BOTH, CURRENT, OLD, RETIRED, STEP
from tests.features.mfa.enrolling import challenged, code, enrolled
from tests.features.mfa.test_challenges import answered
from tests.features.sessions.refreshing import a_signed_in_user
from tests.support.world import PASSWORD, Ask, World
from tests.support.world.places import another_process
from tests.support.world.sealed import as_an_earlier_version_sealed


@pytest.mark.parametrize("old_is", [BOTH, RETIRED])
@pytest.mark.parametrize("kind", ["user", "staff"])
@pytest.mark.parametrize("version", ["this", "earlier"])
async def test_a_right_code_seals_the_second_factor_under_the_current_key(
    world: World, ask: Ask, kind: str, version: str, old_is: dict[str, Any]
) -> None:
    bob = await a_signed_in_user(world, kind)
    enrollment = await enrolled(world, ask, bob)
    if version == "earlier":
        await as_an_earlier_version_sealed(enrollment, OLD)

    async with another_process(world, **old_is) as at_first, another_process(world, **CURRENT) as later:
        first = await answered(at_first, await challenged(at_first, bob), code=code(world, enrollment["secret"]))
        world.clock.advance(STEP)
        second = await answered(later, await challenged(later, bob), code=code(world, enrollment["secret"]))

    assert (first, second) == ("in", "in")


async def test_a_second_factor_of_an_unknown_key_is_no_wrong_code_and_locks_no_account_out(
    world: World, ask: Ask
) -> None:
    bob = await world.user(await world.portal(lockout_threshold=3), password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)

    async with another_process(world, **CURRENT) as without:
        token = await challenged(without, bob)
        answers = [await answered(without, token, code=code(world, enrollment["secret"])) for _ in range(7)]
        recovered = await answered(without, token, recoveryCode=enrollment["recoveryCodes"][0])

    assert answers == [["NOT_ALLOWED"]] * 7
    assert recovered == "in"
    assert await world.status(bob) is Status.ACTIVE
    assert [row.failures for row in await SignInAttempts.all() if row.failures] == []


async def test_a_second_factor_of_an_unknown_key_is_enrolled_again(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    begun = await ask(
        "mutation ($p: String!) { enrollMfa(input: {currentPassword: $p}) { secret } }", actor=bob, p=PASSWORD
    )
    confirm_mfa = "mutation ($c: String!) { confirmMfa(input: {code: $c}) { errors { code message path params { name value } } } }"

    async with another_process(world, **CURRENT) as without:
        right = code(world, begun.data["enrollMfa"]["secret"])
        (error,) = (await without(confirm_mfa, actor=bob, c=right)).data["confirmMfa"]["errors"]
        again = await enrolled(without.world, without, bob)

    assert (error["code"], error["path"]) == ("NOT_ALLOWED", ["input", "code"])
    assert "enrollMfa" in error["message"]
    assert again["errors"] == []


async def test_recovery_codes_survive_any_change_of_keys(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    codes = (await enrolled(world, ask, bob))["recoveryCodes"]

    async with another_process(world, **CURRENT) as without:
        used = await answered(without, await challenged(without, bob), recoveryCode=codes[0])
        again = await answered(without, await challenged(without, bob), recoveryCode=codes[0])

    assert (used, again) == ("in", ["INVALID_CREDENTIALS"])


@pytest.mark.parametrize("is_rotated", [False, True])
async def test_recovery_codes_of_an_earlier_version_work_while_their_key_is_known(
    world: World, ask: Ask, is_rotated: bool
) -> None:
    bob = await world.user(password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)
    await as_an_earlier_version_sealed(enrollment, OLD)
    codes = enrollment["recoveryCodes"]

    async with another_process(world, **RETIRED) as known, another_process(world, **CURRENT) as unknown:
        parts = known.world.parts
        if is_rotated:
            await key_rotation.rotate(parts.runtime, parts.ports.encryption)
        good = await answered(known, await challenged(known, bob), recoveryCode=codes[0])
        bad = await answered(known, await challenged(known, bob), recoveryCode="aaaa-bbbb-cccc-dddd")
        lost = [await answered(unknown, await challenged(unknown, bob), recoveryCode=codes[1]) for _ in range(7)]

    assert (good, bad, lost) == ("in", ["INVALID_CREDENTIALS"], [["NOT_ALLOWED"]] * 7)
