"""Accepting an invitation, as a stranger who follows the link."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from models.tables import AccountSession, LinkToken, Portal, PortalUser
from rules.lifecycle.licenses import Kind, SeatMode
from rules.lifecycle.statuses import Status
from services.admin import doctor
from tests.features.invitations.inviting import (
    PASSWORD,
    accept,
    ada,
    codes,
    invitation_of,
    invitation_token,
    invite,
    invite_new,
    links_of,
    new_person,
    preview,
)
from tests.support.answers import counts, sign_in
from tests.support.mailed import living
from tests.support.world import Ask, Person, TestClock, World

AN_INSTANT = timedelta(milliseconds=1)
A_SECOND = timedelta(seconds=1)


async def invited(world: World, ask: Ask, portal: Any = None, **columns: Any) -> tuple[Person, Person, str]:
    """An admin, somebody whom he invited by mail, and the token in the mail."""
    place = portal or await world.portal("acme", **columns)
    ann = await world.portal_admin(place)
    person = new_person(await invite_new(ask, ann, place, ada()))
    return ann, person, await invitation_token(world, person)


async def test_whoever_accepts_is_active_and_signed_in(world: World, ask: Ask) -> None:  # K9, L14, W10, W11
    ann, bob, token = await invited(world, ask)

    payload = await accept(ask, token)

    session = payload["session"]
    assert (payload["errors"], payload["blockers"]) == ([], [])
    assert session["viewer"] == {"__typename": "PortalUser", "id": bob.gid, "name": "Ada", "email": "ada@new.test"}
    assert (await ask("{ viewer { id } }", token=session["accessToken"])).data["viewer"]["id"] == bob.gid
    row = await world.row(bob)
    assert row
    assert (row.status, row.category, row.holds_seat, row.email_verified_at) == (
        *("ACTIVE", "ENABLED", True),
        world.clock.now(),
    )
    assert (await invitation_of(ask, ann, bob))["state"] == "ACCEPTED"
    assert await doctor.drift(world.parts.runtime) == []


async def test_then_he_signs_in_with_the_password_and_is_listed_as_active(world: World, ask: Ask) -> None:  # W11, L14
    ann, bob, token = await invited(world, ask)
    await accept(ask, token)
    document = "{ users(category: ENABLED) { nodes { id } } licenseTiles { tiles { kind count } } }"

    signed_in = await sign_in(ask, "ada@new.test", PASSWORD, "acme")
    data = (await ask(document, actor=ann)).data

    assert signed_in["session"]["viewer"]["id"] == bob.gid
    assert bob.gid in [node["id"] for node in data["users"]["nodes"]]
    assert (counts(data["licenseTiles"])["ACTIVE_USERS"], counts(data["licenseTiles"])["OPEN_INVITES"]) == (2, 0)


async def test_the_start_page_is_told_before_and_after(world: World, ask: Ask) -> None:  # E14
    _, _, token = await invited(world, ask, start_page_url="https://acme.test/start", name="Acme")
    document = """
    mutation ($input: AcceptInvitationInput!) {
      acceptInvitation(input: $input) { session { viewer { ... on PortalUser { portal { startPageUrl } } } } }
    }
    """

    before = await preview(ask, token)
    after = (await ask(document, input={"token": token, "password": PASSWORD})).data["acceptInvitation"]

    assert before == {
        "portalName": "Acme",
        "portalSlug": "acme",
        "startPageUrl": "https://acme.test/start",
        "state": "PENDING",
        "nextStep": "SET_PASSWORD",
        "expiresAt": "2026-03-08T09:00:00.000Z",
        "passwordMinLength": 15,
        "missingFields": [],
    }
    assert after["session"]["viewer"]["portal"]["startPageUrl"] == "https://acme.test/start"


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
    assert await doctor.drift(world.parts.runtime) == []


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


async def test_without_a_free_seat_the_acceptance_stands_and_the_user_waits(world: World, ask: Ask) -> None:  # K10
    portal = await world.portal("acme", seats=1)
    await world.user(portal)
    ann, bob, token = await invited(world, ask, portal)

    payload = await accept(ask, token)

    assert (payload["session"], payload["blockers"], payload["errors"]) == (None, ["WAITING_FOR_SEAT"], [])
    row = await world.row(bob)
    assert row
    assert (row.status, row.status_reason, row.resume_status) == ("DEACTIVATED", "WAITING_FOR_SEAT", "ACTIVE")
    later = await sign_in(ask, "ada@new.test", PASSWORD, "acme")
    assert (later["session"], later["blockers"]) == (None, ["WAITING_FOR_SEAT"])
    assert (await invitation_of(ask, ann, bob))["state"] == "ACCEPTED"
    assert await doctor.drift(world.parts.runtime) == []


async def test_where_passwords_do_not_sign_in_the_acceptance_stands_and_opens_no_session(
    world: World, ask: Ask
) -> None:
    _, bob, token = await invited(world, ask)
    await Portal.all().update(password_sign_in_enabled=False)

    payload = await accept(ask, token)

    assert (payload["session"], payload["blockers"], payload["errors"]) == (None, ["PASSWORD_SIGN_IN_OFF"], [])
    assert await world.status(bob) is Status.ACTIVE
    assert codes(await accept(ask, token)) == ["INVALID_TOKEN"]


async def test_a_mailed_link_that_is_handed_out_asks_to_register_from_then_on_also_when_it_is_mailed_again(
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
    await invite(ask, ann, bob, delivery="LINK", withoutContactConfirmation=True)

    (again,) = links_of(await invite(ask, ann, bob, delivery="LINK"))
    trusted = await preview(ask, again)
    (new,) = links_of(await invite(ask, ann, bob, delivery="LINK", replacePreviousLink=True))

    assert (again, trusted["nextStep"]) == (token, "SET_PASSWORD")
    assert (await preview(ask, new))["nextStep"] == "REGISTER"


async def test_an_admin_activates_later_who_waited_for_a_seat(world: World, ask: Ask) -> None:  # K11
    portal = await world.portal("acme", seats=1)
    kim = await world.user(portal)
    ann, bob, token = await invited(world, ask, portal)
    await accept(ask, token)
    await ask.act("deactivateUsers", ann, kim)

    await ask.act("activateUsers", ann, bob)

    assert (await sign_in(ask, "ada@new.test", PASSWORD, "acme"))["session"]
    assert await doctor.drift(world.parts.runtime) == []


async def test_where_the_invitation_took_the_seat_the_acceptance_keeps_it(world: World, ask: Ask) -> None:  # K9
    portal = await world.portal("acme", seats=1, seat_mode=SeatMode.ON_INVITE)
    _, bob, token = await invited(world, ask, portal)

    payload = await accept(ask, token)

    assert payload["session"]
    assert await world.status(bob) is Status.ACTIVE
    assert await doctor.drift(world.parts.runtime) == []


@pytest.mark.parametrize("password", ["short", "acmeacmeacmeacme", "password12345678", "ada@new.test.ada"])
async def test_a_weak_password_is_refused_and_the_link_stays_good(world: World, ask: Ask, password: str) -> None:
    _, bob, token = await invited(world, ask)

    payload = await accept(ask, token, password)

    assert [(e["code"], e["path"]) for e in payload["errors"]] == [("WEAK_PASSWORD", ["input", "password"])]
    assert await living(world, bob) == [True]
    assert (await accept(ask, token))["session"]


async def test_what_the_portal_requires_and_nobody_gave_is_asked_for(world: World, ask: Ask) -> None:  # W10, E4
    _, bob, token = await invited(world, ask)
    await PortalUser.filter(id=bob.id).update(first_name=None)

    asked_for = (await preview(ask, token))["missingFields"]
    refused = await accept(ask, token)
    accepted = await accept(ask, token, firstName=" Adah ", lastName="L")

    assert asked_for == ["FIRST_NAME"]
    assert [(e["code"], e["path"]) for e in refused["errors"]] == [("REQUIRED_FIELD_MISSING", ["input", "firstName"])]
    assert accepted["session"]["viewer"]["name"] == "Adah L"
    row = await PortalUser.get(id=bob.id)
    assert (row.first_name_sort, row.version) == ("adah", 4)


async def test_a_name_that_cannot_be_stored_is_refused_and_the_link_stays_good(world: World, ask: Ask) -> None:
    _, bob, token = await invited(world, ask)

    payload = await accept(ask, token, firstName="x" * 101)

    assert [(e["code"], e["path"]) for e in payload["errors"]] == [("INVALID_INPUT", ["input", "firstName"])]
    assert await living(world, bob) == [True]


async def test_in_an_inactive_portal_nobody_accepts_and_the_link_stays_good(world: World, ask: Ask) -> None:
    portal = await world.portal("acme")
    _, bob, token = await invited(world, ask, portal)
    portal.is_active = False
    await portal.save(update_fields=["is_active"])

    payload = await accept(ask, token)

    assert (payload["session"], payload["blockers"], payload["errors"]) == (None, ["PORTAL_INACTIVE"], [])
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


async def test_the_log_says_who_accepted(world: World, ask: Ask) -> None:
    ann, bob, token = await invited(world, ask)
    document = "{ auditLog(first: 1) { nodes { event actor { id } user { id } changes { field before after } } } }"

    await accept(ask, token)

    (event,) = (await ask(document, actor=ann)).data["auditLog"]["nodes"]
    assert (event["event"], event["actor"], event["user"]) == ("user.accepted", {"id": bob.gid}, {"id": bob.gid})
    assert {"field": "status", "before": "PROVISIONED", "after": "ACTIVE"} in event["changes"]


async def test_internal_users_accept_without_a_seat(world: World, ask: Ask) -> None:
    portal = await world.portal("acme", seats=0)
    ann = await world.portal_admin(portal)
    bob = await world.user(portal, status=Status.STAGED, kind=Kind.INTERNAL)
    await invite(ask, ann, bob)

    payload = await accept(ask, await invitation_token(world, bob))

    assert payload["session"]["viewer"]["id"] == bob.gid
