"""Accepting an invitation: the user is active, signed in and has a seat."""

from __future__ import annotations

from models.tables import Portal, PortalUser
from rules.lifecycle.licenses import SeatMode, UserKind
from rules.lifecycle.statuses import Status
from services.admin import doctor
from tests.features.invitations.accepting import invited
from tests.features.invitations.inviting import (
    PASSWORD,
    accept,
    codes,
    invitation_of,
    invitation_token,
    invite,
    preview,
)
from tests.support.world import Ask, World
from tests.support.world.answers import counts, sign_in


async def test_a_user_who_accepts_is_active_and_signed_in(world: World, ask: Ask) -> None:  # K9, L14, W10, W11
    ann, bob, token = await invited(world, ask)

    payload = await accept(ask, token)

    session = payload["session"]
    assert (payload["errors"], payload["blockers"]) == ([], [])
    assert session["viewer"] == {"__typename": "PortalUser", "id": bob.gid, "name": "Ada", "email": "ada@new.test"}
    assert (await ask("{ viewer { id } }", token=session["accessToken"])).data["viewer"]["id"] == bob.gid
    row = await world.row(bob)
    assert row
    assert (row.status, row.category, row.holds_seat, row.email_verified_at) == (
        "ACTIVE",
        "ENABLED",
        True,
        world.clock.now(),
    )
    assert (await invitation_of(ask, ann, bob))["state"] == "ACCEPTED"
    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_after_acceptance_the_user_signs_in_and_is_listed_as_active(world: World, ask: Ask) -> None:  # W11, L14
    ann, bob, token = await invited(world, ask)
    await accept(ask, token)
    document = "{ users(category: ENABLED) { nodes { id } } licenseTiles { tiles { kind count } } }"

    signed_in = await sign_in(ask, "ada@new.test", PASSWORD, "acme")
    data = (await ask(document, actor=ann)).data

    assert signed_in["session"]["viewer"]["id"] == bob.gid
    assert bob.gid in [node["id"] for node in data["users"]["nodes"]]
    assert (counts(data["licenseTiles"])["ACTIVE_USERS"], counts(data["licenseTiles"])["OPEN_INVITES"]) == (2, 0)


async def test_the_start_page_is_returned_before_and_after_acceptance(world: World, ask: Ask) -> None:  # E14
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
        "passwordRequirements": {"minLength": 15, "maxLength": 128},
        "missingFields": [],
        "login": "a•••@new.test",
        "mayRegisterOtherAddress": True,
    }
    assert after["session"]["viewer"]["portal"]["startPageUrl"] == "https://acme.test/start"


async def test_without_a_free_seat_the_acceptance_stands_and_the_user_waits(world: World, ask: Ask) -> None:  # K10
    portal = await world.portal("acme", seats=1)
    await world.user(portal)
    ann, bob, token = await invited(world, ask, portal)

    payload = await accept(ask, token)

    assert (payload["session"], payload["blockers"], payload["errors"]) == (None, [{"code": "WAITING_FOR_SEAT"}], [])
    row = await world.row(bob)
    assert row
    assert (row.status, row.status_reason, row.resume_status) == ("DEACTIVATED", "WAITING_FOR_SEAT", "ACTIVE")
    later = await sign_in(ask, "ada@new.test", PASSWORD, "acme")
    assert (later["session"], later["blockers"]) == (None, [{"code": "WAITING_FOR_SEAT"}])
    assert (await invitation_of(ask, ann, bob))["state"] == "ACCEPTED"
    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_where_passwords_do_not_sign_in_the_acceptance_stands_and_opens_no_session(
    world: World, ask: Ask
) -> None:
    _, bob, token = await invited(world, ask)
    await Portal.all().update(password_sign_in_enabled=False)

    payload = await accept(ask, token)

    assert (payload["session"], payload["blockers"], payload["errors"]) == (
        None,
        [{"code": "PASSWORD_SIGN_IN_OFF"}],
        [],
    )
    assert await world.status(bob) is Status.ACTIVE
    assert codes(await accept(ask, token)) == ["INVALID_TOKEN"]


async def test_an_admin_activates_later_who_waited_for_a_seat(world: World, ask: Ask) -> None:  # K11
    portal = await world.portal("acme", seats=1)
    kim = await world.user(portal)
    ann, bob, token = await invited(world, ask, portal)
    await accept(ask, token)
    await ask.act("deactivateUsers", ann, kim)

    await ask.act("activateUsers", ann, bob)

    assert (await sign_in(ask, "ada@new.test", PASSWORD, "acme"))["session"]
    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_where_the_invitation_took_the_seat_the_acceptance_keeps_it(world: World, ask: Ask) -> None:  # K9
    portal = await world.portal("acme", seats=1, seat_mode=SeatMode.ON_INVITE)
    _, bob, token = await invited(world, ask, portal)

    payload = await accept(ask, token)

    assert payload["session"]
    assert await world.status(bob) is Status.ACTIVE
    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_required_fields_that_are_missing_are_asked_for(world: World, ask: Ask) -> None:  # W10, E4
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


async def test_the_log_says_who_accepted(world: World, ask: Ask) -> None:
    ann, bob, token = await invited(world, ask)
    document = "{ auditLog(first: 3) { nodes { event actor { id } user { id } changes { field before after } } } }"

    await accept(ask, token)

    signed_in, verified, event = (await ask(document, actor=ann)).data["auditLog"]["nodes"]
    assert (signed_in["event"], verified["event"]) == ("USER_SIGNED_IN", "USER_EMAIL_VERIFIED")
    assert (event["event"], event["actor"], event["user"]) == ("USER_ACCEPTED", {"id": bob.gid}, {"id": bob.gid})
    assert {"field": "status", "before": "PROVISIONED", "after": "ACTIVE"} in event["changes"]


async def test_internal_users_accept_without_a_seat(world: World, ask: Ask) -> None:
    portal = await world.portal("acme", seats=0)
    ann = await world.portal_admin(portal)
    bob = await world.user(portal, status=Status.STAGED, kind=UserKind.INTERNAL)
    await invite(ask, ann, bob)

    payload = await accept(ask, await invitation_token(world, bob))

    assert payload["session"]["viewer"]["id"] == bob.gid
