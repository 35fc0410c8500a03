"""Registration with a link that an admin has passed on: address, code, name and password."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from models.tables import LinkToken, PortalUser
from rules.lifecycle.statuses import Status
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
from tests.features.registration.registering import A_MINUTE, confirmed, passed_on, wrong
from tests.support.mail.mailed import Queued, mail_to
from tests.support.world import Ask, TestClock, World
from tests.support.world.answers import sign_in


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
    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_only_the_reader_of_an_address_s_mail_learns_that_it_is_taken(
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


async def test_an_address_that_was_taken_meanwhile_is_refused_once_it_is_proved(world: World, ask: Ask) -> None:
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
    how = {"delivery": delivery, "trustStoredEmail": True}
    payload = await invite_new(ask, await world.portal_admin(), portal, ada(), **how)
    row = await LinkToken.get(user_id=new_person(payload).id)
    token = world.parts.runtime.links.token(row.purpose, row.id, row.nonce)

    assert codes(await start(ask, token)) == codes(await confirm(ask, token, "123456")) == ["NOT_ALLOWED"]
    assert not await LinkToken.filter(purpose="REGISTRATION_CODE").exists()


async def test_a_user_who_was_mailed_a_link_may_register_with_another_address(world: World, ask: Ask) -> None:  # E8
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
        [{"code": "PORTAL_INACTIVE"}],
        ["NOT_ALLOWED"],
    )
    assert (await complete(ask, proof))["session"]


async def test_a_registration_without_a_free_seat_waits_for_one(world: World, ask: Ask) -> None:  # K10
    _, bob, token = await passed_on(world, ask, seats=0)

    payload = await complete(ask, await confirmed(world, ask, bob, token))

    assert (payload["session"], payload["blockers"]) == (None, [{"code": "WAITING_FOR_SEAT"}])
    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_a_mistyped_address_on_file_gives_way_as_a_username_too(world: World, ask: Ask) -> None:  # E8
    portal = await world.portal("acme")
    payload = await invite_new(ask, await world.portal_admin(), portal, ada(email="typo@new.test"), delivery="LINK")
    bob, (token,) = new_person(payload), links_of(payload)

    done = await complete(ask, await confirmed(world, ask, bob, token))

    assert done["session"]["viewer"]["email"] == "ada@new.test"
    row = await world.row(bob)
    assert row
    assert row.username == "ada@new.test"
