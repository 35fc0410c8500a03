"""Which invitation links can be accepted, and how long."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from models.tables import AccountSession, LinkToken
from rules.lifecycle.statuses import Status
from services.admin import doctor
from tests.features.invitations.accepting import invited
from tests.features.invitations.inviting import (
    accept,
    ada,
    codes,
    invite,
    invite_new,
    links_of,
    preview,
)
from tests.support.mail.mailed import living
from tests.support.world import Ask, TestClock, World
from tests.support.world.answers import sign_in

AN_INSTANT = timedelta(milliseconds=1)

A_SECOND = timedelta(seconds=1)


async def test_a_link_is_good_once(world: World, ask: Ask) -> None:
    _, _, token = await invited(world, ask)

    first, second = await accept(ask, token), await accept(ask, token, "another otter under moons")

    assert first["session"]
    assert codes(second) == ["INVALID_TOKEN"]
    assert ((await preview(ask, token))["state"], (await preview(ask, token))["nextStep"]) == ("ACCEPTED", "SIGN_IN")
    assert codes(await sign_in(ask, "ada@new.test", "another otter under moons", "acme")) == ["INVALID_CREDENTIALS"]


async def test_of_64_who_follow_the_same_link_at_once_one_gets_in(world: World, ask: Ask) -> None:
    _, bob, token = await invited(world, ask)

    payloads = await asyncio.gather(*(accept(ask, token) for _ in range(64)))

    assert len([payload for payload in payloads if payload["session"]]) == 1
    refused = {code for payload in payloads for code in codes(payload)}
    assert refused <= {"INVALID_TOKEN", "RATE_LIMITED"}  # one estimate at a time
    assert await AccountSession.filter(user_id=bob.id).count() == 1
    assert await doctor.find_wrong_values(world.parts.runtime) == []


@pytest.mark.parametrize(("before_its_end", "is_good"), [(A_SECOND, True), (AN_INSTANT, True), (timedelta(), False)])
async def test_a_link_is_good_until_its_end_and_refused_at_it(
    world: World, ask: Ask, clock: TestClock, before_its_end: timedelta, *, is_good: bool
) -> None:  # W9
    _, _, token = await invited(world, ask)
    clock.advance(timedelta(days=7) - before_its_end)

    payload = await accept(ask, token)

    assert codes(payload) == ([] if is_good else ["INVALID_TOKEN"])
    assert (await preview(ask, token))["state"] == ("ACCEPTED" if is_good else "EXPIRED")


async def test_a_token_that_never_was_opens_nothing(world: World, ask: Ask) -> None:
    bob = await world.user(status=Status.PROVISIONED)
    ann = await world.portal_admin()
    await ask.act("resetPasswords", ann, await world.user())
    of_another_purpose = await LinkToken.filter(purpose="RESET_PASSWORD").first()
    assert of_another_purpose
    row = of_another_purpose
    reset = world.parts.runtime.links.token(row.purpose, row.id, row.nonce)

    for token in ("", "no token", "é" * 100, str(bob.id), row.token_hash, reset):
        assert codes(await accept(ask, token)) == ["INVALID_TOKEN"]
        assert await preview(ask, token) is None


async def test_a_mailed_link_that_is_also_returned_asks_to_register_from_then_on(
    world: World, ask: Ask, clock: TestClock
) -> None:  # E7, E8, E11
    ann, bob, token = await invited(world, ask)

    before = await preview(ask, token)
    handed_out = links_of(await invite(ask, ann, bob, delivery="LINK"))
    clock.advance(timedelta(minutes=1))
    await invite(ask, ann, bob)
    after = await preview(ask, token)

    assert (before["nextStep"], handed_out, after["nextStep"]) == ("SET_PASSWORD", [token], "REGISTER")


async def test_trust_in_an_address_is_taken_back_by_replacing_the_link_only(
    world: World, ask: Ask
) -> None:  # E7, E10, E11
    ann, bob, token = await invited(world, ask)
    await invite(ask, ann, bob, delivery="LINK", trustStoredEmail=True)

    (again,) = links_of(await invite(ask, ann, bob, delivery="LINK"))
    trusted = await preview(ask, again)
    (new,) = links_of(await invite(ask, ann, bob, delivery="LINK", replacePreviousLink=True))

    assert (again, trusted["nextStep"]) == (token, "SET_PASSWORD")
    assert (await preview(ask, new))["nextStep"] == "REGISTER"


@pytest.mark.parametrize("password", ["short", "acmeacmeacmeacme", "password12345678", "ada@new.test.ada"])
async def test_a_weak_password_is_refused_and_the_link_stays_good(world: World, ask: Ask, password: str) -> None:
    _, bob, token = await invited(world, ask)

    payload = await accept(ask, token, password)

    assert [(e["code"], e["path"]) for e in payload["errors"]] == [("WEAK_PASSWORD", ["input", "password"])]
    assert await living(world, bob) == [True]
    assert (await accept(ask, token))["session"]


async def test_a_name_that_cannot_be_stored_is_refused_and_the_link_stays_good(world: World, ask: Ask) -> None:
    _, bob, token = await invited(world, ask)

    payload = await accept(ask, token, firstName="x" * 101)

    assert [(e["code"], e["path"]) for e in payload["errors"]] == [("INVALID_INPUT", ["input", "firstName"])]
    assert await living(world, bob) == [True]


async def test_an_inactive_portal_refuses_acceptance_and_the_link_stays_valid(world: World, ask: Ask) -> None:
    portal = await world.portal("acme")
    _, bob, token = await invited(world, ask, portal)
    portal.is_active = False
    await portal.save(update_fields=["is_active"])

    payload = await accept(ask, token)

    assert (payload["session"], payload["blockers"], payload["errors"]) == (None, [{"code": "PORTAL_INACTIVE"}], [])
    assert (await living(world, bob), await world.status(bob)) == ([True], Status.PROVISIONED)


async def test_a_link_to_register_with_does_not_set_a_password(world: World, ask: Ask) -> None:  # E8
    portal = await world.portal()
    ann = await world.portal_admin()
    (token,) = links_of(await invite_new(ask, ann, portal, ada(), delivery="LINK"))

    payload = await accept(ask, token)

    assert [(e["code"], e["path"]) for e in payload["errors"]] == [("NOT_ALLOWED", ["input", "token"])]


async def test_a_user_who_was_deleted_meanwhile_is_let_in_no_more(world: World, ask: Ask) -> None:  # L12
    ann, bob, token = await invited(world, ask)
    await ask.act("deleteUsers", ann, bob)

    assert codes(await accept(ask, token)) == ["INVALID_TOKEN"]
