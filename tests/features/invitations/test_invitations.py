"""Inviting users who were added before: links, mails, and what a user's invitation shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import LinkToken, OutboxMail
from rules.lifecycle.statuses import Status
from tests.features.invitations.inviting import (
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
from tests.support.answers import reason, reasons, standing
from tests.support.mailed import Queued, link, living, mail_to, nothing_is_queued, tokens
from tests.support.smtp import mail_server, send_all, transport
from tests.support.world import Ask, Person, TestClock, World

A_MINUTE = timedelta(minutes=1)
AN_INSTANT = timedelta(milliseconds=1)


async def staged(world: World, **given: Any) -> Person:
    return await world.user(**{"status": Status.STAGED, "email": "bob@acme.test", **given})


async def test_a_user_who_was_added_before_is_invited_by_mail(world: World, ask: Ask) -> None:  # K8, E3, E5, T8
    ann, bob = await world.portal_admin(), await staged(world)

    payload = await invite(ask, ann, bob)

    assert standing(payload) == [("STAGED", "PROVISIONED")]
    assert await world.status(bob) is Status.PROVISIONED
    assert await mail_to(bob) == [Queued("INVITATION", "bob@acme.test", "QUEUED")]
    assert (await preview(ask, await invitation_token(world, bob)))["nextStep"] == "SET_PASSWORD"
    assert payload["operation"]["action"] == "INVITE"
    assert payload["outcomes"][0]["inviteLink"] is None


async def test_the_link_lives_seven_days_or_as_long_as_the_portal_says(
    world: World, ask: Ask, clock: TestClock
) -> None:  # W9
    ann, bob = await world.portal_admin(), await staged(world)
    other = await world.portal("other", invitation_ttl_hours=5)
    eve, kim = await world.portal_admin(other), await world.user(other, status=Status.STAGED)

    await invite(ask, ann, bob)
    await invite(ask, eve, kim)

    for person, hours in ((bob, 168), (kim, 5)):
        end = clock.now() + timedelta(hours=hours)
        assert [await living(world, person, at) for at in (end - AN_INSTANT, end)] == [[True], [False]]


async def test_asked_again_the_living_link_goes_out_again_and_keeps_its_end(
    world: World, ask: Ask, clock: TestClock
) -> None:  # E11, T17, W8
    ann, bob = await world.portal_admin(), await staged(world)
    await invite(ask, ann, bob)
    before = await invitation_of(ask, ann, bob)
    clock.advance(A_MINUTE)

    payload = await invite(ask, ann, bob)

    assert standing(payload) == [("PROVISIONED", "PROVISIONED")]
    assert await living(world, bob) == [True]
    assert await mail_to(bob) == [Queued("INVITATION", "bob@acme.test", "QUEUED")] * 2
    assert (await invitation_of(ask, ann, bob))["expiresAt"] == before["expiresAt"]


async def test_asked_to_replace_the_link_the_earlier_one_dies_at_once(
    world: World, ask: Ask, clock: TestClock
) -> None:  # E10
    ann, bob = await world.portal_admin(), await staged(world)
    (old,) = links_of(await invite(ask, ann, bob, delivery="LINK", withoutContactConfirmation=True))

    (new,) = links_of(
        await invite(ask, ann, bob, delivery="LINK", withoutContactConfirmation=True, replacePreviousLink=True)
    )

    assert codes(await accept(ask, old)) == ["INVALID_TOKEN"]
    assert (await preview(ask, old))["state"] == "SUPERSEDED"
    assert (await accept(ask, new))["session"]


async def test_a_link_is_returned_to_the_inviter_and_again_the_same(world: World, ask: Ask) -> None:  # E6, E11
    ann, bob = await world.portal_admin(), await staged(world)

    first = await invite(ask, ann, bob, delivery="LINK")
    again = await invite(ask, ann, bob, delivery="LINK")

    assert links_of(first) == links_of(again) == await tokens(world, bob)
    assert await mail_to(bob) == []
    assert await invitation_of(ask, ann, bob) == {
        "state": "PENDING",
        "delivery": "LINK",
        "sentAt": None,
        "expiresAt": "2026-03-08T09:00:00.000Z",
    }


async def test_a_second_mention_is_not_told_the_link_again(world: World, ask: Ask) -> None:  # E6
    ann, bob = await world.portal_admin(), await staged(world)

    payload = await invite(ask, ann, bob, bob, delivery="LINK")

    assert reasons(payload) == [None, "DUPLICATE_IN_REQUEST"]
    assert [bool(outcome["inviteLink"]) for outcome in payload["outcomes"]] == [True, False]


async def test_a_dead_link_is_replaced_when_asked_again(world: World, ask: Ask, clock: TestClock) -> None:  # T17
    ann, bob = await world.portal_admin(), await staged(world)
    await invite(ask, ann, bob)
    clock.advance(timedelta(days=7))
    eve = await world.portal_admin()
    assert (await invitation_of(ask, eve, bob))["state"] == "EXPIRED"

    await invite(ask, eve, bob)

    assert await living(world, bob) == [False, True]
    assert (await invitation_of(ask, eve, bob))["state"] == "PENDING"


async def test_a_link_that_was_passed_on_proves_no_address_even_when_it_is_mailed_later(
    world: World, ask: Ask
) -> None:  # E8
    ann, bob = await world.portal_admin(), await staged(world)
    (token,) = links_of(await invite(ask, ann, bob, delivery="LINK"))
    steps = [(await preview(ask, token))["nextStep"]]

    await invite(ask, ann, bob)

    assert [*steps, (await preview(ask, token))["nextStep"]] == ["REGISTER", "REGISTER"]
    assert (await invitation_of(ask, ann, bob))["delivery"] == "EMAIL"


async def test_a_mailed_link_that_is_then_passed_on_proves_no_address_any_more(world: World, ask: Ask) -> None:  # E8
    ann, bob = await world.portal_admin(), await staged(world)
    await invite(ask, ann, bob)

    (token,) = links_of(await invite(ask, ann, bob, delivery="LINK"))

    assert (await preview(ask, token))["nextStep"] == "REGISTER"


async def test_a_trusted_link_leads_to_a_password_without_registration(world: World, ask: Ask) -> None:  # E7
    ann, bob = await world.portal_admin(), await staged(world)

    (token,) = links_of(await invite(ask, ann, bob, delivery="LINK", withoutContactConfirmation=True))

    assert (await preview(ask, token))["nextStep"] == "SET_PASSWORD"
    assert (await accept(ask, token))["session"]["viewer"]["email"] == "bob@acme.test"


@pytest.mark.parametrize(
    ("input", "code"),
    [
        ({"delivery": "LINK", "withoutContactConfirmation": True}, "NO_EMAIL"),
        ({"delivery": "EMAIL"}, "NO_EMAIL"),
        ({"delivery": "LINK"}, None),
    ],
)
async def test_without_an_address_on_file_nothing_is_trusted_and_nothing_mailed(
    world: World, ask: Ask, input: dict[str, Any], code: str | None
) -> None:  # E9
    await world.portal(required_user_fields=["FIRST_NAME"])
    ann, bob = await world.portal_admin(), await staged(world, email=None)

    payload = await invite(ask, ann, bob, **input)

    assert reason(payload) == code
    assert await mail_to(bob) == []


async def test_one_invitation_mail_a_minute_goes_to_a_user_and_a_link_at_any_time(
    world: World, ask: Ask, clock: TestClock
) -> None:
    ann, bob = await world.portal_admin(), await staged(world)
    await invite(ask, ann, bob)
    clock.advance(A_MINUTE - AN_INSTANT)

    early, link_meanwhile = await invite(ask, ann, bob), await invite(ask, ann, bob, delivery="LINK")
    clock.advance(AN_INSTANT)
    in_time = await invite(ask, ann, bob)

    told = early["outcomes"][0]["reason"]
    assert (told["code"], told["retryAt"]) == ("COOLDOWN", "2026-03-01T09:01:00.000Z")
    assert (reason(link_meanwhile), reason(in_time)) == (None, None)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        *((status, "ALREADY_MEMBER") for status in (Status.ACTIVE, Status.RECOVERY, Status.LOCKED_OUT)),
        *((status, "INACTIVE") for status in (Status.SUSPENDED, Status.DEACTIVATED)),
    ],
)
async def test_whoever_is_a_member_is_invited_to_nothing(world: World, ask: Ask, status: Status, code: str) -> None:
    ann, bob = await world.portal_admin(), await world.user(status=status)

    payload = await invite(ask, ann, bob)

    assert (reason(payload), standing(payload)) == (code, [(status, status)])
    assert await nothing_is_queued()


async def test_deleting_an_unconfirmed_user_kills_the_invitation(world: World, ask: Ask) -> None:  # L12
    ann, bob = await world.portal_admin(), await staged(world)
    await invite(ask, ann, bob)
    token = await invitation_token(world, bob)

    await ask.act("deleteUsers", ann, bob)

    assert codes(await accept(ask, token)) == ["INVALID_TOKEN"]
    assert await preview(ask, token) is None


async def test_a_changed_address_revokes_the_invitation(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await staged(world)
    await invite(ask, ann, bob)
    token = await invitation_token(world, bob)
    document = 'mutation ($id: ID!) { updateUser(input: {id: $id, email: "new@acme.test"}) { errors { code } } }'

    await ask(document, actor=ann, id=bob.gid)

    assert (await invitation_of(ask, ann, bob))["state"] == (await preview(ask, token))["state"] == "REVOKED"


async def test_resending_keeps_the_trust_and_mails(world: World, ask: Ask) -> None:  # L11, T17
    ann, bob = await world.portal_admin(), await staged(world)
    (old,) = links_of(await invite(ask, ann, bob, delivery="LINK", withoutContactConfirmation=True))

    await ask.act("resendVerifications", ann, bob)

    row = await link(await invitation_token(world, bob))
    assert (row.is_trusted, row.delivery, (await link(old)).superseded_at is not None) == (True, "EMAIL", True)


async def test_an_invitation_was_sent_when_its_mail_left_also_when_the_mail_is_dropped(
    world: World, ask: Ask, clock: TestClock
) -> None:  # W7
    ann, bob = await world.portal_admin(), await staged(world)
    never = await invitation_of(ask, ann, bob)
    await invite(ask, ann, bob)
    queued = await invitation_of(ask, ann, bob)

    clock.advance(A_MINUTE)
    async with mail_server() as server:
        await send_all(world, transport(server))
    await OutboxMail.all().delete()  # as housekeeping does after a month

    assert never is None
    assert (queued["state"], queued["delivery"], queued["sentAt"]) == ("PENDING", "EMAIL", None)
    assert (await invitation_of(ask, ann, bob))["sentAt"] == "2026-03-01T09:01:00.000Z"


async def test_users_are_found_by_the_state_of_their_newest_invitation(
    world: World, ask: Ask, clock: TestClock
) -> None:  # W7, T8
    ann, people = await world.portal_admin(), await world.users(5, status=Status.STAGED)
    pending, accepted, expired, revoked, never = people
    await invite(ask, ann, *people[:4])
    await accept(ask, await invitation_token(world, accepted))
    await LinkToken.filter(user_id=expired.id).update(expires_at=clock.now())
    await LinkToken.filter(user_id=revoked.id).update(superseded_at=clock.now())
    document = """
    query ($states: [InvitationState!]!) {
      users(filter: {invitationStateIn: $states}) { totalCount nodes { id invitation { state } } }
      portals { nodes { users(filter: {invitationStateIn: $states}) { totalCount nodes { id } } } }
    }
    """

    found = {}
    for state in ("PENDING", "ACCEPTED", "EXPIRED", "REVOKED", "SUPERSEDED"):
        data = (await ask(document, actor=ann, states=[state])).data
        assert data["users"]["totalCount"] == len(data["users"]["nodes"])
        assert data["portals"]["nodes"][0]["users"]["totalCount"] == len(data["users"]["nodes"])
        assert {node["invitation"]["state"] for node in data["users"]["nodes"]} <= {state}
        found[state] = [node["id"] for node in data["users"]["nodes"]]
    everybody = (await ask(document, actor=ann, states=list(found))).data["users"]

    assert found == {
        **{"PENDING": [pending.gid], "ACCEPTED": [accepted.gid], "EXPIRED": [expired.gid]},
        **{"REVOKED": [revoked.gid], "SUPERSEDED": []},
    }
    assert (everybody["totalCount"], never.gid in str(everybody)) == (4, False)


async def test_those_whose_invitation_ran_out_are_invited_again_in_one_call(
    world: World, ask: Ask, clock: TestClock
) -> None:
    ann, people = await world.portal_admin(), await world.users(3, status=Status.STAGED)
    await invite(ask, ann, *people[:2])
    clock.advance(timedelta(days=7))
    eve = await world.portal_admin()
    await invite(ask, eve, people[2])
    document = """
    mutation ($input: InviteUsersInput!) { inviteUsers(input: $input) { outcomes { userId reason { code } } errors { code } } }
    """
    selection = {"matching": {"filter": {"invitationStateIn": ["EXPIRED"]}, "expectedCount": 2}}
    input = {"users": selection, "options": {"idempotencyKey": "once"}}

    first = (await ask(document, actor=eve, input=input)).data["inviteUsers"]
    clock.advance(A_MINUTE)
    replayed = (await ask(document, actor=eve, input=input)).data["inviteUsers"]

    assert {outcome["userId"] for outcome in first["outcomes"]} == {person.gid for person in people[:2]}
    assert reasons(first) == [None, None]
    assert replayed == first


@pytest.mark.parametrize(
    ("input", "code", "path"),
    [
        ({}, "INVALID_INPUT", ["input", "portalId"]),
        ({"invitees": [{"email": "a@b.test"}]}, "INVALID_INPUT", ["input", "portalId"]),
        ({"portalId": "x"}, "INVALID_INPUT", ["input", "invitees"]),
        ({"portalId": "x", "invitees": []}, "INVALID_INPUT", ["input", "invitees"]),
        ({"portalId": "x", "invitees": [{"email": "a@b.test"}]}, "NOT_FOUND", ["input", "portalId"]),
        ({"portalId": "x", "users": {"ids": ["x"]}}, "INVALID_INPUT", ["input", "users"]),
        ({"users": {"ids": ["x"]}, "delivery": "NONE"}, "INVALID_INPUT", ["input", "delivery"]),
        ({"users": {"ids": ["x"]}, "kind": "INTERNAL"}, "NOT_ALLOWED", ["input", "kind"]),
    ],
)
async def test_an_input_that_makes_no_sense_is_refused_as_a_whole(
    world: World, ask: Ask, input: dict[str, Any], code: str, path: list[str]
) -> None:
    ann = await world.portal_admin()
    document = (
        "mutation ($input: InviteUsersInput!) { inviteUsers(input: $input) { errors { code path } operation { id } } }"
    )

    payload = (await ask(document, actor=ann, input=input)).data["inviteUsers"]

    assert payload == {"errors": [{"code": code, "path": path}], "operation": None}


async def test_a_dry_run_of_inviting_makes_no_link_and_its_preview_invites(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await staged(world)

    looked = await invite(ask, ann, bob, delivery="LINK", options={"dryRun": True})
    assert (links_of(looked), await nothing_is_queued(), await world.status(bob)) == ([], True, Status.STAGED)
    document = (
        "mutation ($input: InviteUsersInput!) { inviteUsers(input: $input) { outcomes { newStatus inviteLink } } }"
    )
    input = {"users": {"previewId": looked["operation"]["id"]}, "delivery": "LINK"}
    (outcome,) = (await ask(document, actor=ann, input=input)).data["inviteUsers"]["outcomes"]

    assert outcome["newStatus"] == "PROVISIONED"
    assert outcome["inviteLink"]


async def test_removed_users_are_invited_again_as_new_ones(world: World, ask: Ask) -> None:  # W15, W8
    portal = await world.portal()
    ann = await world.portal_admin()
    first = new_person(await invite_new(ask, ann, portal, ada()))
    await ask.act("deleteUsers", ann, first)

    again = new_person(await invite_new(ask, ann, portal, ada()))

    assert first.gid != again.gid
    assert await world.status(again) is Status.PROVISIONED


MAIL = """
query ($id: ID!) { user(id: $id) { invitation { sentAt mailState mailProblem mailFailedAt } } }
"""
FAILED = "{ users(filter: {invitationMailStateIn: [FAILED]}) { totalCount nodes { id } } }"
RESEND = """
mutation ($ids: [ID!]!) { resendVerifications(input: {users: {ids: $ids}}) { outcomes { lastMailFailedAt } } }
"""


async def test_an_invitation_whose_mail_was_refused_says_so_and_is_found(
    world: World, ask: Ask, clock: TestClock
) -> None:
    ann, bob, eve = await world.portal_admin(), await staged(world), await staged(world, email="eve@acme.test")
    await invite(ask, ann, bob, eve)
    queued = (await ask(MAIL, actor=ann, id=bob.gid)).data["user"]["invitation"]
    async with mail_server() as server:
        server.answer("bob@acme.test", "550 5.1.1 no such user")
        await send_all(world, transport(server))
    failed = (await ask(MAIL, actor=ann, id=bob.gid)).data["user"]["invitation"]
    sent = (await ask(MAIL, actor=ann, id=eve.gid)).data["user"]["invitation"]

    instant = "2026-03-01T09:00:00.000Z"
    assert queued == {"sentAt": None, "mailState": "QUEUED", "mailProblem": None, "mailFailedAt": None}
    assert failed == {
        **{"sentAt": None, "mailState": "FAILED"},
        **{"mailProblem": "ADDRESS_REFUSED", "mailFailedAt": instant},
    }
    assert sent == {"sentAt": instant, "mailState": "SENT", "mailProblem": None, "mailFailedAt": None}
    found = (await ask(FAILED, actor=ann)).data["users"]
    assert (found["totalCount"], [node["id"] for node in found["nodes"]]) == (1, [bob.gid])


async def test_sending_again_tells_when_the_last_mail_failed(world: World, ask: Ask, clock: TestClock) -> None:
    ann, bob, eve = await world.portal_admin(), await staged(world), await staged(world, email="eve@acme.test")
    await invite(ask, ann, bob, eve)
    async with mail_server() as server:
        server.answer("bob@acme.test", "550 5.1.1 no such user")
        await send_all(world, transport(server))
    clock.advance(A_MINUTE)

    reply = await ask(RESEND, actor=ann, ids=[bob.gid, eve.gid])

    outcomes = reply.data["resendVerifications"]["outcomes"]
    assert [outcome["lastMailFailedAt"] for outcome in outcomes] == ["2026-03-01T09:00:00.000Z", None]
