"""Requests for a password reset: which users get a mail with a link, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.tables import (
    PortalUser,
    ResetRequest,
)
from rules.lifecycle.statuses import Status
from rules.mail.caps import FOR_STRANGERS
from tests.features.account.own_account import ALWAYS, call, code_of, forgot, link_of, reset
from tests.features.password_reset.resetting import A_MINUTE, A_SECOND, MAY_RESET, asked
from tests.support.databases.stored import everything
from tests.support.mail.mailed import Queued, living, mail_to
from tests.support.world import PASSWORD, Ask, TestClock, World
from tests.support.world.answers import sign_in


@pytest.mark.parametrize("status", MAY_RESET)
async def test_a_user_who_may_set_a_password_is_mailed_a_link_and_nothing_else_changes(
    world: World, ask: Ask, clock: TestClock, status: Status
) -> None:  # event table: self-service reset
    bob = await world.user(email="bob@acme.test", status=status, password=PASSWORD)
    token = await world.token(bob) if status is Status.ACTIVE else None
    written = ("limited_tries", "link_token", "outbox_mail", "recipient_mail", "sign_in_attempts")
    before = await everything(besides=written)

    payload = await forgot(ask, bob.portal, " BOB@acme.test ")

    assert payload == ALWAYS
    assert await mail_to(bob) == [Queued("PASSWORD_RESET", "bob@acme.test", "QUEUED")]
    assert await everything(besides=written) == before
    if token and bob.portal:
        assert (await ask("{ viewer { id } }", token=token)).data["viewer"]
        assert (await sign_in(ask, bob.login, PASSWORD, bob.portal.slug))["session"]


@pytest.mark.parametrize("is_locked", [False, True])
async def test_an_admin_s_reset_refuses_the_old_password_and_the_link_stays_valid(
    world: World, ask: Ask, is_locked: bool
) -> None:  # K18
    portal = await world.portal(lockout_threshold=3)
    ann, bob = await world.portal_admin(), await world.user(password=PASSWORD)
    await ask.act("resetPasswords", ann, bob)
    token = await link_of(world, bob)
    for _ in range(3 if is_locked else 0):
        await sign_in(ask, bob.login, "wrong", portal.slug)
    assert await world.status(bob) is (Status.LOCKED_OUT if is_locked else Status.RECOVERY)

    same, other = await reset(ask, token, PASSWORD), await reset(ask, token)

    assert [(e["code"], e["path"], e["message"]) for e in same["errors"]] == [
        ("WEAK_PASSWORD", ["input", "password"], "That is the password that you have. Take another one.")
    ]
    assert (other, await world.status(bob)) == (ALWAYS, Status.ACTIVE)


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.AWAITING_NEW_PASSWORD, Status.LOCKED_OUT])
async def test_a_user_who_asked_for_the_reset_may_keep_the_password(world: World, ask: Ask, status: Status) -> None:
    _, token = await asked(world, ask, status=status)

    assert await reset(ask, token, PASSWORD) == ALWAYS


async def test_the_link_goes_to_the_verified_address_also_while_another_waits(world: World, ask: Ask) -> None:
    bob = await world.user(email="old@acme.test")
    await PortalUser.filter(id=bob.id).update(pending_email="new@acme.test", pending_email_key="new@acme.test")

    for address in ("new@acme.test", "old@acme.test"):
        assert await forgot(ask, bob.portal, address) == ALWAYS

    assert await mail_to(bob) == [Queued("PASSWORD_RESET", "old@acme.test", "QUEUED")]


async def test_asking_again_after_a_minute_mails_the_same_link_again(world: World, ask: Ask, clock: TestClock) -> None:
    bob, first = await asked(world, ask)
    clock.advance(A_MINUTE - A_SECOND)
    assert await forgot(ask, bob.portal, "bob@acme.test") == ALWAYS
    assert len(await mail_to(bob)) == 1
    clock.advance(A_SECOND)

    await forgot(ask, bob.portal, "bob@acme.test")

    assert [mail.kind for mail in await mail_to(bob)] == ["PASSWORD_RESET"] * 2
    assert await living(world, bob) == [True]
    assert code_of(await reset(ask, first)) is None


async def test_a_stranger_who_asks_every_minute_ends_no_link_of_an_admin(
    world: World, ask: Ask, clock: TestClock
) -> None:
    ann, bob = await world.portal_admin(), await world.user(email="bob@acme.test")
    await ask.act("resetPasswords", ann, bob)
    token = await link_of(world, bob)

    for _ in range(59):
        clock.advance(A_MINUTE)
        assert await forgot(ask, bob.portal, "bob@acme.test") == ALWAYS

    assert await living(world, bob) == [True]
    assert len(await mail_to(bob)) == FOR_STRANGERS.per_hour
    assert code_of(await reset(ask, token)) is None
    assert await world.status(bob) is Status.ACTIVE


async def test_after_an_admin_s_link_has_expired_the_user_gets_a_new_one(
    world: World, ask: Ask, clock: TestClock
) -> None:  # K17, K18
    ann, bob = await world.portal_admin(), await world.user(email="bob@acme.test")
    await ask.act("resetPasswords", ann, bob)
    token = await link_of(world, bob)
    clock.advance(timedelta(hours=24))

    await forgot(ask, bob.portal, "bob@acme.test")

    assert code_of(await reset(ask, token)) == "INVALID_TOKEN"
    assert await living(world, bob) == [False, True]
    assert code_of(await reset(ask, await link_of(world, bob))) is None
    assert await world.status(bob) is Status.ACTIVE


async def test_a_link_that_is_mailed_again_keeps_its_own_end(world: World, ask: Ask, clock: TestClock) -> None:  # K17
    bob, token = await asked(world, ask)
    clock.advance(timedelta(hours=24) - A_SECOND)
    await forgot(ask, bob.portal, "bob@acme.test")
    clock.advance(A_SECOND)

    assert code_of(await reset(ask, token)) == "INVALID_TOKEN"
    clock.advance(A_MINUTE)
    await forgot(ask, bob.portal, "bob@acme.test")
    assert await living(world, bob) == [False, True]


async def test_a_day_of_requests_mails_an_address_no_more_than_its_share(
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob = await world.user(email="bob@acme.test")

    for _ in range(24 * 4):
        await forgot(ask, bob.portal, "bob@acme.test")
        clock.advance(timedelta(minutes=15))

    assert len(await mail_to(bob)) == FOR_STRANGERS.per_day


async def test_strangers_leave_an_admin_a_share_and_then_a_reset_waits(
    world: World, ask: Ask, clock: TestClock
) -> None:
    ann, bob = await world.portal_admin(), await world.user(email="bob@acme.test")
    for _ in range(FOR_STRANGERS.per_hour + 1):
        await forgot(ask, bob.portal, "bob@acme.test")
        clock.advance(A_MINUTE)

    first = await ask.act("resetPasswords", ann, bob)
    clock.advance(A_MINUTE)
    second = await ask.act("resetPasswords", ann, bob)

    assert first["outcomes"][0]["reason"] is None
    reason = second["outcomes"][0]["reason"]
    assert (reason["code"], reason["retryAt"]) == ("COOLDOWN", "2026-03-01T10:00:00.000Z")


async def test_a_request_that_no_worker_answered_within_an_hour_mails_nothing(
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob = await world.user(email="bob@acme.test")
    assert bob.portal
    await call(ask, "requestPasswordReset", portalSlug=bob.portal.slug, email="bob@acme.test")
    clock.advance(timedelta(hours=1))

    await world.answer_resets()

    assert await mail_to(bob) == []
    assert not await ResetRequest.exists()
