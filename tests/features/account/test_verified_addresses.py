"""The verification of an e-mail address: what it changes, and when it is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import LinkToken, PortalUser
from rules.lifecycle.statuses import Status
from services.admin.doctor import find_wrong_values
from tests.features.account.editing import columns, update
from tests.features.account.own_account import ALWAYS, call, code_of, forgot, link_of, reset
from tests.features.listing.people import listed
from tests.support.databases.stored import places_of
from tests.support.mail.mailed import Queued, mail_to
from tests.support.world import PASSWORD, Ask, Person, TestClock, World
from tests.support.world.answers import sign_in

OLD, NEW = "old@acme.test", "New.Address@acme.test"
A_SECOND = timedelta(seconds=1)


async def changed(world: World, ask: Ask, **given: Any) -> tuple[Person, Person, str]:
    """Return an admin, a user, and a mailed token. The admin has changed the user's address. The token verifies it."""
    ann, bob = await world.portal_admin(), await world.user(**{"email": OLD, "password": PASSWORD, **given})
    await update(ask, ann, bob, email=NEW)
    return ann, bob, await link_of(world, bob)


async def verify(ask: Ask, token: str) -> dict[str, Any]:
    return await call(ask, "verifyEmail", token=token)


async def test_the_waiting_address_becomes_the_user_s_and_opens_the_portal_again(
    world: World, ask: Ask, clock: TestClock
) -> None:  # K24
    ann, bob, token = await changed(world, ask)
    assert bob.portal
    blocked = await sign_in(ask, OLD, PASSWORD, bob.portal.slug)
    clock.advance(timedelta(minutes=5))

    payload = await verify(ask, token)

    assert (payload, blocked["blockers"]) == (ALWAYS, [{"code": "EMAIL_UNVERIFIED"}])
    row = await columns(bob)
    assert (row["email"], row["email_verified_at"], row["pending_email"]) == (NEW, clock.now(), None)
    assert (row["email_key"], row["pending_email_key"]) == (NEW.lower(), None)
    assert (row["email_sort"], NEW.lower() in row["search_text"]) == (NEW.lower(), True)
    assert await listed(ask, ann, search=NEW) == [bob.gid]
    assert await listed(ask, ann, search=OLD) == []
    assert (await sign_in(ask, NEW.upper(), PASSWORD, bob.portal.slug))["session"]
    assert (await sign_in(ask, OLD, PASSWORD, bob.portal.slug))["session"] is None
    assert not await find_wrong_values(world.parts.runtime)


@pytest.mark.parametrize(("username", "then"), [("OLD@acme.test", NEW), ("b.oak", "b.oak")])
async def test_a_username_that_was_the_old_address_follows_the_new_one(
    world: World, ask: Ask, username: str, then: str
) -> None:  # K24
    ann, bob, token = await changed(world, ask, username=username)
    assert bob.portal

    await verify(ask, token)

    assert (await columns(bob))["username"] == then
    eve = await world.user(email="eve@acme.test")
    assert code_of(await update(ask, ann, eve, username=OLD)) is None  # the old address is free
    assert (await sign_in(ask, NEW, PASSWORD, bob.portal.slug))["session"]
    assert not await find_wrong_values(world.parts.runtime)


async def test_a_form_that_sends_the_username_too_lets_it_follow(world: World, ask: Ask) -> None:  # K23, K24
    ann, bob = await world.portal_admin(), await world.user(email=OLD, username=OLD, password=PASSWORD)

    waiting = (await update(ask, ann, bob, username=OLD, email=NEW))["user"]
    await verify(ask, await link_of(world, bob))

    assert (waiting["username"], waiting["pendingEmail"]) == (OLD, NEW)
    assert (await columns(bob))["username"] == NEW
    assert not await find_wrong_values(world.parts.runtime)


async def test_a_verification_that_was_sent_again_is_good_and_the_one_before_is_not(
    world: World, ask: Ask, clock: TestClock
) -> None:  # K25
    ann, bob, first = await changed(world, ask)
    clock.advance(timedelta(minutes=1))
    await ask.act("resendVerifications", ann, bob)

    answers = [await verify(ask, token) for token in (first, await link_of(world, bob))]

    assert [code_of(payload) for payload in answers] == ["INVALID_TOKEN", None]


@pytest.mark.parametrize(("late", "code"), [(-A_SECOND, None), (timedelta(0), "INVALID_TOKEN")])
async def test_a_verification_is_good_until_its_last_second_and_once(
    world: World, ask: Ask, clock: TestClock, late: timedelta, code: str | None
) -> None:
    _, bob, token = await changed(world, ask)
    clock.advance(timedelta(hours=168) + late)

    assert [code_of(await verify(ask, token)) for _ in range(2)] == [code, "INVALID_TOKEN"]
    assert (await columns(bob))["email"] == (OLD if code else NEW)


async def test_a_change_that_was_taken_back_or_replaced_cannot_be_verified(
    world: World, ask: Ask, clock: TestClock
) -> None:
    ann, bob, first = await changed(world, ask)
    clock.advance(timedelta(minutes=1))
    await update(ask, ann, bob, email="third@acme.test")
    second = await link_of(world, bob)
    await update(ask, ann, bob, email=OLD)

    assert [code_of(await verify(ask, token)) for token in (first, second, "", "nonsense")] == ["INVALID_TOKEN"] * 4
    assert (await columns(bob))["email"] == OLD


async def test_an_address_that_another_user_has_by_now_stays_that_user_s(world: World, ask: Ask) -> None:
    ann, bob, token = await changed(world, ask)
    eve = await world.user(email="eve@acme.test")
    await PortalUser.filter(id=eve.id).update(email=NEW, email_key=NEW.lower())

    payload = await verify(ask, token)

    assert code_of(payload) == "EMAIL_TAKEN"
    assert (await columns(bob))["pending_email"] == NEW
    await ask.act("deleteUsers", ann, eve)
    assert code_of(await verify(ask, token)) is None


async def test_links_that_went_to_the_old_address_are_dead_and_sessions_are_ended(
    world: World, ask: Ask, clock: TestClock
) -> None:
    _, bob, token = await changed(world, ask)
    await forgot(ask, bob.portal, OLD)
    to_the_old = await link_of(world, bob)

    await verify(ask, token)

    assert code_of(await reset(ask, to_the_old)) == "INVALID_TOKEN"
    assert await LinkToken.filter(user_id=bob.id, used_at=None, superseded_at=None).count() == 0


@pytest.mark.parametrize("status", [Status.RECOVERY, Status.LOCKED_OUT, Status.SUSPENDED, Status.DEACTIVATED])
async def test_a_proved_address_changes_nothing_in_where_the_user_stands(
    world: World, ask: Ask, status: Status
) -> None:
    _, bob, token = await changed(world, ask, status=status)

    await verify(ask, token)

    assert ((await columns(bob))["email"], await world.status(bob)) == (NEW, status)


async def test_a_first_address_that_was_never_proved_is_proved_by_its_link(world: World, ask: Ask) -> None:  # K24
    await world.portal(required_user_fields=["FIRST_NAME"])
    ann, bob = await world.portal_admin(), await world.user(email=None, username="bob", password=PASSWORD)
    assert bob.portal
    await update(ask, ann, bob, email=NEW)
    blocked = await sign_in(ask, "bob", PASSWORD, bob.portal.slug)

    await verify(ask, await link_of(world, bob))

    assert blocked["blockers"] == [{"code": "EMAIL_UNVERIFIED"}]
    assert (await sign_in(ask, NEW, PASSWORD, bob.portal.slug))["session"]
    assert [mail.kind for mail in await mail_to(bob)] == ["VERIFY_EMAIL"]


async def test_the_old_address_is_notified_that_it_is_to_be_replaced(world: World, ask: Ask, clock: TestClock) -> None:
    ann, bob, _ = await changed(world, ask)
    clock.advance(timedelta(minutes=1))
    await update(ask, ann, bob, email="third@acme.test")

    told = [mail for mail in await mail_to(bob) if mail.kind == "EMAIL_CHANGE_STARTED"]
    assert told == [Queued("EMAIL_CHANGE_STARTED", OLD, "QUEUED")] * 2


async def test_what_the_log_tells_of_a_proved_address_goes_with_the_user(world: World, ask: Ask) -> None:  # K32
    ann, bob, token = await changed(world, ask)

    await verify(ask, token)

    log = (await ask("{ auditLog { nodes { event actor { id } changes { field before after } } } }", actor=ann)).data
    verified, event = log["auditLog"]["nodes"][:2]
    assert [each["actor"]["id"] for each in (verified, event)] == [bob.gid] * 2
    assert (verified["event"], event["event"]) == ("USER_EMAIL_VERIFIED", "USER_UPDATED")
    assert {"field": "email", "before": OLD, "after": NEW} in event["changes"]
    await ask.act("deleteUsers", ann, bob)
    assert await places_of(OLD, NEW) == []
