"""Registering with a link that somebody passed on: address, code, name and password."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from models.tables import LinkToken, OutboxMail, PortalUser
from rules.lifecycle.statuses import Status
from rules.mail.caps import FOR_STRANGERS, MOST_CODES_OF_A_LINK
from services.admin import doctor
from tests.features.invitations.inviting import (
    PASSWORD,
    ada,
    codes,
    complete,
    confirm,
    invite,
    invite_new,
    links_of,
    mailed_code,
    new_person,
    preview,
    start,
)
from tests.support.answers import sign_in
from tests.support.mailed import Queued, mail_to
from tests.support.world import Ask, Person, TestClock, World

A_MINUTE = timedelta(minutes=1)
AN_INSTANT = timedelta(milliseconds=1)


async def passed_on(world: World, ask: Ask, **columns: Any) -> tuple[Person, Person, str]:
    """An admin, somebody who was added by name only, and the token of the link that was passed on."""
    portal = await world.portal("acme", **{"required_user_fields": ["FIRST_NAME"], **columns})
    ann = await world.portal_admin(portal)
    payload = await invite_new(ask, ann, portal, {"firstName": "Guest"}, delivery="LINK")
    (token,) = links_of(payload)
    return ann, new_person(payload), token


async def confirmed(world: World, ask: Ask, person: Person, token: str, email: str = "ada@new.test") -> str:
    """The registration token of somebody who has entered the right code."""
    await start(ask, token, email)
    payload = await confirm(ask, token, await mailed_code(world, person), email)
    assert not payload["errors"], payload
    return str(payload["registrationToken"])


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_an_invitee_registers_with_address_code_name_and_password(
    world: World, ask: Ask
) -> None:  # E12, E8, K9, L14
    _, bob, token = await passed_on(world, ask)
    assert (await preview(ask, token))["nextStep"] == "REGISTER"

    started = await start(ask, token, " Ada@New.test ".strip())
    proof = await confirm(ask, token, await mailed_code(world, bob))
    done = await complete(ask, proof["registrationToken"], lastName="Lovelace")

    assert started == {
        **{"codeExpiresAt": "2026-03-01T09:10:00.000Z", "resendAt": "2026-03-01T09:01:00.000Z"},
        "errors": [],
    }
    assert await mail_to(bob) == [Queued("REGISTRATION_CODE", "Ada@new.test", "QUEUED")]
    assert done["session"]["viewer"] == {
        **{"__typename": "PortalUser", "id": bob.gid, "name": "Ada Lovelace", "email": "Ada@new.test"},
    }
    row = await world.row(bob)
    assert row
    assert (row.status, row.email_verified_at, row.username) == (Status.ACTIVE, world.clock.now(), "guest")
    assert (await sign_in(ask, "ada@new.test", PASSWORD, "acme"))["session"]
    assert (await preview(ask, token))["state"] == "ACCEPTED"
    assert await doctor.drift(world.parts.runtime) == []


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


async def test_whoever_guesses_code_after_code_gets_no_more_until_there_is_a_new_link(
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


async def test_an_address_is_mailed_no_more_codes_than_its_share_and_the_answer_is_the_same(
    world: World, ask: Ask
) -> None:
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


async def test_that_an_address_is_somebody_elses_is_told_only_to_who_reads_its_mail(
    world: World, ask: Ask, clock: TestClock
) -> None:
    _, bob, token = await passed_on(world, ask)
    await world.user(email="taken@acme.test")

    taken, free = await start(ask, token, "taken@acme.test"), None
    code = await mailed_code(world, bob)
    told_wrong = await confirm(ask, token, wrong(code), "taken@acme.test")
    told_right = await confirm(ask, token, code, "taken@acme.test")
    clock.advance(A_MINUTE)
    free = await start(ask, token, "free@acme.test")

    assert taken["errors"] == free["errors"] == []
    assert codes(told_wrong) == ["INVALID_TOKEN"]
    assert [(e["code"], e["path"]) for e in told_right["errors"]] == [("EMAIL_TAKEN", ["input", "email"])]
    assert told_right["registrationToken"] is None


async def test_an_address_that_became_somebody_elses_meanwhile_is_refused_where_the_input_proves_it(
    world: World, ask: Ask
) -> None:
    _, bob, token = await passed_on(world, ask)
    proof = await confirmed(world, ask, bob, token)
    await world.user(email="ada@new.test")

    payload = await complete(ask, proof)

    assert [(e["code"], e["path"]) for e in payload["errors"]] == [("EMAIL_TAKEN", ["input", "registrationToken"])]
    assert await world.status(bob) is Status.PROVISIONED


async def test_the_registration_is_completed_within_an_hour(world: World, ask: Ask, clock: TestClock) -> None:
    _, bob, token = await passed_on(world, ask)
    proof = await confirmed(world, ask, bob, token)
    clock.advance(timedelta(hours=1))

    assert codes(await complete(ask, proof)) == ["INVALID_TOKEN"]


async def test_a_registration_is_completed_once_however_many_try_at_once(world: World, ask: Ask) -> None:
    _, bob, token = await passed_on(world, ask)
    proof = await confirmed(world, ask, bob, token)

    payloads = await asyncio.gather(*(complete(ask, proof) for _ in range(8)))

    assert len([payload for payload in payloads if payload["session"]]) == 1
    refused = {code for payload in payloads for code in codes(payload)}
    assert refused <= {"INVALID_TOKEN", "RATE_LIMITED"}  # one estimate at a time


async def test_a_replaced_invitation_takes_code_and_registration_with_it(
    world: World, ask: Ask, clock: TestClock
) -> None:  # E10
    ann, bob, token = await passed_on(world, ask)
    proof = await confirmed(world, ask, bob, token)
    clock.advance(A_MINUTE)
    await start(ask, token)
    code = await mailed_code(world, bob)

    (new,) = links_of(await invite(ask, ann, bob, delivery="LINK", replacePreviousLink=True))

    assert codes(await complete(ask, proof)) == ["INVALID_TOKEN"]
    assert codes(await start(ask, token)) == ["INVALID_TOKEN"]
    assert [codes(await confirm(ask, link, code)) for link in (token, new)] == [["INVALID_TOKEN"]] * 2


@pytest.mark.parametrize("delivery", ["EMAIL", "LINK"])
async def test_with_a_link_that_is_trusted_there_is_nothing_to_register(
    world: World, ask: Ask, delivery: str
) -> None:  # E7
    portal = await world.portal()
    how = {"delivery": delivery, "withoutContactConfirmation": True}
    payload = await invite_new(ask, await world.portal_admin(), portal, ada(), **how)
    row = await LinkToken.get(user_id=new_person(payload).id)
    token = world.parts.runtime.links.token(row.purpose, row.id, row.nonce)

    assert codes(await start(ask, token)) == codes(await confirm(ask, token, "123456")) == ["NOT_ALLOWED"]
    assert not await LinkToken.filter(purpose="REGISTRATION_CODE").exists()


async def test_whoever_was_mailed_a_link_may_register_with_another_address(world: World, ask: Ask) -> None:  # E8
    portal = await world.portal()
    payload = await invite_new(ask, await world.portal_admin(), portal, ada())
    ada_invited = new_person(payload)
    row = await LinkToken.get(user_id=ada_invited.id)
    token = world.parts.runtime.links.token(row.purpose, row.id, row.nonce)

    proof = await confirmed(world, ask, ada_invited, token, "another@new.test")
    done = await complete(ask, proof)

    assert done["session"]
    stored = await world.row(ada_invited)
    assert stored
    assert (stored.status, stored.email) == (Status.ACTIVE, "another@new.test")
    assert codes(await start(ask, token)) == ["INVALID_TOKEN"]


@pytest.mark.parametrize("address", ["no address", "", "a@b", f"{'a' * 400}@new.test"])
async def test_an_address_that_is_none_gets_no_code(world: World, ask: Ask, address: str) -> None:
    _, bob, token = await passed_on(world, ask)

    payload = await start(ask, token, address)

    assert [(e["code"], e["path"]) for e in payload["errors"]] == [("INVALID_EMAIL", ["input", "email"])]
    assert await mail_to(bob) == []


async def test_a_weak_password_or_an_inactive_portal_leaves_the_registration_open(world: World, ask: Ask) -> None:
    _, bob, token = await passed_on(world, ask)
    proof = await confirmed(world, ask, bob, token)

    weak = await complete(ask, proof, "short")
    assert bob.id
    portal = await (await PortalUser.get(id=bob.id)).portal
    await type(portal).filter(id=portal.id).update(is_active=False)
    inactive = await complete(ask, proof)
    refused = await start(ask, token)
    await type(portal).filter(id=portal.id).update(is_active=True)

    assert (codes(weak), inactive["blockers"], codes(refused)) == (
        ["WEAK_PASSWORD"],
        ["PORTAL_INACTIVE"],
        ["NOT_ALLOWED"],
    )
    assert (await complete(ask, proof))["session"]


async def test_a_registration_without_a_free_seat_waits_for_one(world: World, ask: Ask) -> None:  # K10
    _, bob, token = await passed_on(world, ask, seats=0)

    payload = await complete(ask, await confirmed(world, ask, bob, token))

    assert (payload["session"], payload["blockers"]) == (None, ["WAITING_FOR_SEAT"])
    assert await doctor.drift(world.parts.runtime) == []


async def test_a_mistyped_address_on_file_gives_way_as_a_username_too(world: World, ask: Ask) -> None:  # E8
    portal = await world.portal("acme")
    payload = await invite_new(ask, await world.portal_admin(), portal, ada(email="typo@new.test"), delivery="LINK")
    bob, (token,) = new_person(payload), links_of(payload)

    done = await complete(ask, await confirmed(world, ask, bob, token))

    assert done["session"]["viewer"]["email"] == "ada@new.test"
    row = await world.row(bob)
    assert row
    assert row.username == "ada@new.test"


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
