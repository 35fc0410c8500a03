"""If the password changes before a new second factor is confirmed, the factor cannot be confirmed any more."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest

from tests.features.account.own_account import NEW_PASSWORD, call
from tests.features.mfa.enrolling import CONFIRM, ENROLL
from tests.support.world import PASSWORD, Ask, TestClock, World


@pytest.mark.parametrize("kind", ["user", "staff"])
async def test_a_factor_begun_with_the_old_password_is_not_confirmed(
    world: World, ask: Ask, clock: TestClock, kind: str
) -> None:
    bob = await (world.mssp_admin(password=PASSWORD) if kind == "staff" else world.user(password=PASSWORD))
    secret = (await ask(ENROLL, actor=bob, p=PASSWORD)).data["enrollMfa"]["secret"]
    clock.advance(timedelta(seconds=30))
    await call(ask, "changePassword", actor=bob, currentPassword=PASSWORD, newPassword=NEW_PASSWORD)

    refused = (await ask(CONFIRM, actor=bob, c=pyotp.TOTP(secret).at(clock.now()))).data["confirmMfa"]
    secret = (await ask(ENROLL, actor=bob, p=NEW_PASSWORD)).data["enrollMfa"]["secret"]
    confirmed = (await ask(CONFIRM, actor=bob, c=pyotp.TOTP(secret).at(clock.now()))).data["confirmMfa"]

    assert [error["code"] for error in refused["errors"]] == ["NOT_ALLOWED"]
    assert confirmed == {"account": {"id": bob.gid}, "errors": []}
