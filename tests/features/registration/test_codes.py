"""The codes that verify an address during registration: how long they are valid, and wrong codes."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from models.tables import LinkToken, OutboxMail
from rules.mail.caps import FOR_STRANGERS, MOST_CODES_OF_A_LINK
from tests.features.invitations.inviting import (
    codes,
    complete,
    confirm,
    invite,
    invite_new,
    links_of,
    mailed_code,
    start,
)
from tests.features.registration.registering import A_MINUTE, confirmed, passed_on, wrong
from tests.support.mail.mailed import mail_to
from tests.support.world import Ask, TestClock, World

AN_INSTANT = timedelta(milliseconds=1)


async def test_the_code_lives_as_long_as_the_portal_says(world: World, ask: Ask, clock: TestClock) -> None:  # E13
    _, bob, token = await passed_on(world, ask, verification_code_ttl_minutes=3)
    for early, is_good in ((timedelta(), False), (AN_INSTANT, True)):
        started = await start(ask, token)
        clock.advance(timedelta(minutes=3) - early)

        payload = await confirm(ask, token, await mailed_code(world, bob))

        assert started["errors"] == []
        assert codes(payload) == ([] if is_good else ["INVALID_TOKEN"])


async def test_a_wrong_code_does_not_register_and_the_fifth_kills_the_code(world: World, ask: Ask) -> None:  # E13
    _, bob, token = await passed_on(world, ask)
    await start(ask, token)
    code = await mailed_code(world, bob)

    tries = [await confirm(ask, token, wrong(code)) for _ in range(5)]
    too_late = await confirm(ask, token, code)

    assert [codes(payload) for payload in (*tries, too_late)] == [["INVALID_TOKEN"]] * 6
    assert {payload["registrationToken"] for payload in (*tries, too_late)} == {None}


async def test_the_right_code_is_good_after_four_wrong_ones(world: World, ask: Ask) -> None:
    _, bob, token = await passed_on(world, ask)
    await start(ask, token)
    code = await mailed_code(world, bob)
    for _ in range(4):
        await confirm(ask, token, wrong(code))

    payload = await confirm(ask, token, f" {code[:3]} {code[3:]} ", "ADA@new.test")

    assert payload["registrationToken"]


async def test_wrong_codes_that_come_at_once_are_all_counted(world: World, ask: Ask) -> None:  # E13
    _, bob, token = await passed_on(world, ask)
    await start(ask, token)
    code = await mailed_code(world, bob)

    await asyncio.gather(*(confirm(ask, token, wrong(code)) for _ in range(20)))

    row = await LinkToken.get(user_id=bob.id, purpose="REGISTRATION_CODE")
    assert row.tries == 5
    assert codes(await confirm(ask, token, code)) == ["INVALID_TOKEN"]


async def test_after_too_many_wrong_codes_no_more_are_mailed_until_a_new_link(
    world: World, ask: Ask, clock: TestClock
) -> None:  # E13, E10
    ann, bob, token = await passed_on(world, ask)
    await start(ask, token)
    await LinkToken.filter(purpose="INVITATION").update(tries=49)
    clock.advance(A_MINUTE)
    await start(ask, token)
    await confirm(ask, token, wrong(await mailed_code(world, bob)))
    clock.advance(A_MINUTE)

    refused = await start(ask, token)
    (new,) = links_of(await invite(ask, ann, bob, delivery="LINK", replacePreviousLink=True))
    started = await start(ask, new)

    assert [(e["code"], e["retryAt"]) for e in refused["errors"]] == [("RATE_LIMITED", None)]
    assert started["errors"] == []


async def test_an_address_is_mailed_a_limited_number_of_codes_and_responses_are_alike(world: World, ask: Ask) -> None:
    portal = await world.portal(required_user_fields=["FIRST_NAME"])
    ann = await world.portal_admin(portal)
    payload = await invite_new(ask, ann, portal, *({"firstName": f"Guest {n}"} for n in range(20)), delivery="LINK")

    answers = [await start(ask, token, "victim@elsewhere.test") for token in links_of(payload)]

    assert answers == [answers[0]] * 20
    assert len(await OutboxMail.filter(kind="REGISTRATION_CODE")) == FOR_STRANGERS.per_hour


async def test_a_link_mails_a_limited_number_of_codes_to_whichever_addresses(
    world: World, ask: Ask, clock: TestClock
) -> None:
    _, _, token = await passed_on(world, ask)
    for n in range(MOST_CODES_OF_A_LINK):
        assert (await start(ask, token, f"somewhere.{n}@elsewhere.test"))["errors"] == []
        clock.advance(A_MINUTE)

    refused = await start(ask, token, "ada@new.test")

    assert [error["code"] for error in refused["errors"]] == ["RATE_LIMITED"]


async def test_the_code_is_for_the_address_that_it_was_mailed_to(world: World, ask: Ask) -> None:  # E13
    _, bob, token = await passed_on(world, ask)
    await start(ask, token)

    payload = await confirm(ask, token, await mailed_code(world, bob), "eve@new.test")

    assert codes(payload) == ["INVALID_TOKEN"]


async def test_a_code_is_good_once(world: World, ask: Ask) -> None:
    _, bob, token = await passed_on(world, ask)
    await start(ask, token)
    code = await mailed_code(world, bob)

    first, second = await confirm(ask, token, code), await confirm(ask, token, code)

    assert (codes(first), codes(second)) == ([], ["INVALID_TOKEN"])
    assert (await complete(ask, first["registrationToken"]))["session"]


async def test_a_new_code_kills_the_old_one_and_what_it_led_to(world: World, ask: Ask, clock: TestClock) -> None:
    _, bob, token = await passed_on(world, ask)
    proof = await confirmed(world, ask, bob, token)
    clock.advance(A_MINUTE)
    await start(ask, token)
    old = await mailed_code(world, bob)
    clock.advance(A_MINUTE)

    await start(ask, token)

    new = await mailed_code(world, bob)
    assert codes(await complete(ask, proof)) == ["INVALID_TOKEN"]
    assert old == new or codes(await confirm(ask, token, old)) == ["INVALID_TOKEN"]
    assert (await confirm(ask, token, new))["registrationToken"]


async def test_one_code_a_minute_is_mailed(world: World, ask: Ask, clock: TestClock) -> None:
    _, bob, token = await passed_on(world, ask)
    await start(ask, token)
    clock.advance(A_MINUTE - AN_INSTANT)

    early = await start(ask, token, "other@new.test")
    clock.advance(AN_INSTANT)
    in_time = await start(ask, token)

    assert early == {
        **{"codeExpiresAt": None, "resendAt": None},
        "errors": [{"code": "RATE_LIMITED", "path": None, "retryAt": "2026-03-01T09:01:00.000Z"}],
    }
    assert (in_time["errors"], len(await mail_to(bob))) == ([], 2)


@pytest.mark.parametrize("address", ["no address", "", "a@b", f"{'a' * 400}@new.test"])
async def test_an_address_that_is_none_gets_no_code(world: World, ask: Ask, address: str) -> None:
    _, bob, token = await passed_on(world, ask)

    payload = await start(ask, token, address)

    assert [(e["code"], e["path"]) for e in payload["errors"]] == [("INVALID_EMAIL", ["input", "email"])]
    assert await mail_to(bob) == []


async def test_no_row_holds_a_code_or_a_token(world: World, ask: Ask) -> None:
    _, bob, token = await passed_on(world, ask)
    proof = await confirmed(world, ask, bob, token)

    kept = str([*await LinkToken.all().values(), *await OutboxMail.all().values()])

    assert not [secret for secret in (token, proof) if secret in kept]


async def test_wrong_codes_count_when_the_rows_of_their_codes_are_gone(
    world: World, ask: Ask, clock: TestClock
) -> None:  # E13
    _, bob, token = await passed_on(world, ask)
    await start(ask, token)
    for _ in range(4):
        await confirm(ask, token, wrong(await mailed_code(world, bob)))
    await LinkToken.filter(purpose="INVITATION").update(tries=49)
    await confirm(ask, token, wrong(await mailed_code(world, bob)))
    await LinkToken.filter(purpose="REGISTRATION_CODE").delete()

    refused = await start(ask, token)

    assert codes(refused) == ["RATE_LIMITED"]
