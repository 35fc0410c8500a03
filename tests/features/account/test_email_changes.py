"""Changes of a user's e-mail address: the new address waits for its verification, which can block the sign-in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules.lifecycle.statuses import CATEGORY, Category, Status
from services.admin.doctor import find_wrong_values
from tests.features.account.changing_email import EMAIL, NEW, OLD, UNCONFIRMED
from tests.features.account.editing import code, columns, refusal, update
from tests.support.databases.stored import everything
from tests.support.mail.mailed import Queued, letters_to, living
from tests.support.world import PASSWORD, Ask, TestClock, World
from tests.support.world.answers import reason, sign_in

A_MINUTE = timedelta(minutes=1)

AN_INSTANT = timedelta(milliseconds=1)

CONFIRMED = [status for status in Status if CATEGORY[status] is not Category.UNCONFIRMED]


@pytest.mark.parametrize("status", CONFIRMED)
async def test_a_confirmed_user_s_new_address_waits_until_it_is_verified(
    world: World, ask: Ask, status: Status
) -> None:  # K24
    ann, bob = await world.portal_admin(), await world.user(email=OLD, status=status)
    before = await columns(bob)

    user = (await update(ask, ann, bob, email=NEW))["user"]

    assert (user["email"], user["pendingEmail"], user["status"]) == (OLD, NEW, status)
    assert {"code": "EMAIL_UNVERIFIED"} in user["signInBlockers"]
    after = await columns(bob)
    assert (after["email"], after["email_verified_at"]) == (OLD, before["email_verified_at"])
    assert after["status_changed_at"] == before["status_changed_at"]
    assert not await find_wrong_values(world.parts.runtime)


async def test_the_link_goes_to_the_new_address_only_and_lives_like_an_invitation(
    world: World, ask: Ask, clock: TestClock
) -> None:  # K24
    await world.portal(invitation_ttl_hours=5)
    ann, bob = await world.portal_admin(), await world.user(email=OLD)

    await update(ask, ann, bob, email=NEW)

    end = clock.now() + timedelta(hours=5)
    assert await letters_to(bob) == [Queued("VERIFY_EMAIL", NEW, "QUEUED")]
    assert [await living(world, bob, at) for at in (end - AN_INSTANT, end)] == [[True], [False]]


async def test_sessions_end_and_sign_in_is_refused_until_the_address_is_verified(world: World, ask: Ask) -> None:  # K24
    ann, bob = await world.portal_admin(), await world.user(email=OLD, password=PASSWORD)
    token = await world.token(bob)
    assert bob.portal

    await update(ask, ann, bob, email=NEW)

    by_old, by_new = [await sign_in(ask, login, PASSWORD, bob.portal.slug) for login in (OLD, NEW)]
    assert (await ask("{ viewer { id } }", token=token)).unauthenticated
    assert (by_old["session"], by_old["blockers"]) == (None, [{"code": "EMAIL_UNVERIFIED"}])
    assert (by_new["session"], by_new["errors"][0]["code"]) == (None, "INVALID_CREDENTIALS")


@pytest.mark.parametrize("status", UNCONFIRMED)
async def test_an_unconfirmed_user_s_address_is_replaced_and_the_link_is_refused(
    world: World, ask: Ask, clock: TestClock, status: Status
) -> None:  # L12
    ann, bob = await world.portal_admin(), await world.user(email=OLD, status=status)
    await ask.act("resendVerifications", ann, bob)
    invited = [True] if status is Status.PROVISIONED else []
    assert await living(world, bob) == invited
    clock.advance(A_MINUTE)

    user = (await update(ask, ann, bob, email=NEW))["user"]

    assert (user["email"], user["pendingEmail"], user["emailVerifiedAt"]) == (NEW, None, None)
    assert (user["status"], await living(world, bob)) == (status, [False] * len(invited))
    await ask.act("resendVerifications", ann, bob)
    assert [mail.recipient for mail in await letters_to(bob)] == ([OLD, NEW] if invited else [])


async def test_the_present_address_takes_a_waiting_change_back(world: World, ask: Ask) -> None:  # K24
    ann, bob = await world.portal_admin(), await world.user(email=OLD, password=PASSWORD)
    await update(ask, ann, bob, email=NEW)
    assert bob.portal

    user = (await update(ask, ann, bob, email=f" {OLD} "))["user"]

    assert (user["email"], user["pendingEmail"], user["signInBlockers"]) == (OLD, None, [])
    assert await living(world, bob) == [False]
    assert (await sign_in(ask, OLD, PASSWORD, bob.portal.slug))["session"]
    assert reason(await ask.act("resendVerifications", ann, bob)) == "ALREADY_VERIFIED"


async def test_a_form_that_sends_all_fields_takes_no_waiting_change_back(world: World, ask: Ask) -> None:  # K23, K24
    ann, bob = await world.portal_admin(), await world.user(email=OLD, first_name="Bob", last_name="Lee")
    await update(ask, ann, bob, email=NEW)
    user = (await update(ask, ann, bob))["user"]
    form = {name: user[name] for name in ("firstName", "lastName", "username", "email")}

    unchanged = (await update(ask, ann, bob, version=user["version"], **form))["user"]
    renamed = (await update(ask, ann, bob, version=user["version"], **{**form, "lastName": "Oak"}))["user"]

    assert unchanged == user
    assert (renamed["name"], renamed["email"], renamed["pendingEmail"]) == ("Bob Oak", OLD, NEW)
    assert renamed["signInBlockers"] == [{"code": "EMAIL_UNVERIFIED"}]
    assert await living(world, bob) == [True]


async def test_another_change_kills_the_link_of_the_one_before(world: World, ask: Ask, clock: TestClock) -> None:
    ann, bob = await world.portal_admin(), await world.user(email=OLD)  # K24
    await update(ask, ann, bob, email=NEW)
    clock.advance(A_MINUTE)

    user = (await update(ask, ann, bob, email="newest@acme.test"))["user"]

    assert (user["email"], user["pendingEmail"]) == (OLD, "newest@acme.test")
    assert await living(world, bob) == [False, True]
    assert [mail.recipient for mail in await letters_to(bob)] == [NEW, "newest@acme.test"]


async def test_an_address_that_waits_already_is_not_mailed_again_by_an_edit(
    world: World, ask: Ask, clock: TestClock
) -> None:  # K25
    ann, bob = await world.portal_admin(), await world.user(email=OLD)
    await update(ask, ann, bob, email=NEW)
    clock.advance(A_MINUTE)
    before = await everything()

    payload = await update(ask, ann, bob, email=NEW)

    assert (code(payload), payload["user"]["pendingEmail"]) == (None, NEW)
    assert await everything() == before
    assert reason(await ask.act("resendVerifications", ann, bob)) is None


async def test_one_verification_mail_a_minute_goes_out_for_changes(world: World, ask: Ask, clock: TestClock) -> None:
    ann, bob = await world.portal_admin(), await world.user(email=OLD, first_name="Bob")
    await update(ask, ann, bob, email=NEW)
    clock.advance(A_MINUTE - AN_INSTANT)

    early = await update(ask, ann, bob, email="newest@acme.test", firstName="Bo")
    resent = await ask.act("resendVerifications", ann, bob)
    clock.advance(AN_INSTANT)
    in_time = await update(ask, ann, bob, email="newest@acme.test", firstName="Bo")

    assert refusal(early) == ("RATE_LIMITED", EMAIL)
    assert early["errors"][0]["retryAt"] == resent["outcomes"][0]["reason"]["retryAt"] == "2026-03-01T09:01:00.000Z"
    assert (early["user"]["pendingEmail"], early["user"]["firstName"]) == (NEW, "Bob")
    assert (code(in_time), in_time["user"]["firstName"]) == (None, "Bo")


async def test_taking_a_change_back_and_other_edits_wait_for_no_mail(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(email=OLD)
    await update(ask, ann, bob, email=NEW)

    answers = [await update(ask, ann, bob, **given) for given in ({"firstName": "Bo"}, {"email": OLD})]

    assert [code(payload) for payload in answers] == [None, None]
    assert len(await letters_to(bob)) == 1


async def test_a_reset_goes_to_the_verified_address_while_another_waits(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(email=OLD)
    await update(ask, ann, bob, email=NEW)

    await ask.act("resetPasswords", ann, bob)

    assert [(mail.kind, mail.recipient) for mail in await letters_to(bob)] == [
        ("VERIFY_EMAIL", NEW),
        ("PASSWORD_RESET", OLD),
    ]
    assert await living(world, bob) == [True, True]


async def test_where_no_address_is_required_it_can_be_emptied_and_its_links_die(world: World, ask: Ask) -> None:  # E4
    portal = await world.portal(required_user_fields=["FIRST_NAME"])
    ann, bob = await world.portal_admin(), await world.user(email=OLD, password=PASSWORD)
    await ask.act("resetPasswords", ann, bob)
    await update(ask, ann, bob, email=NEW)

    user = (await update(ask, ann, bob, email=None))["user"]

    assert (user["email"], user["pendingEmail"], user["emailVerifiedAt"]) == (None, None, None)
    assert await living(world, bob) == [False, False]
    assert reason(await ask.act("resetPasswords", ann, bob)) == "NO_EMAIL"
    assert (await sign_in(ask, bob.login, PASSWORD, portal.slug))["blockers"] == [{"code": "RESET_PENDING"}]


async def test_a_first_address_is_verified_like_any_other(world: World, ask: Ask) -> None:  # K24
    ann, bob = await world.portal_admin(), await world.user(email=None)

    user = (await update(ask, ann, bob, email=NEW))["user"]

    assert (user["email"], user["pendingEmail"], user["signInBlockers"]) == (None, NEW, [{"code": "EMAIL_UNVERIFIED"}])
    assert await letters_to(bob) == [Queued("VERIFY_EMAIL", NEW, "QUEUED")]
