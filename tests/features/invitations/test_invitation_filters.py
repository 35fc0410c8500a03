"""Filters that find users by their newest invitation, and repeated invitations of these users."""

from __future__ import annotations

from datetime import timedelta

from models.tables import LinkToken
from rules.lifecycle.statuses import Status
from tests.features.invitations.inviting import (
    accept,
    invitation_token,
    invite,
)
from tests.features.invitations.staged import A_MINUTE, staged
from tests.support.mail.sending import send_all, transport
from tests.support.mail.smtp import mail_server
from tests.support.world import Ask, TestClock, World
from tests.support.world.answers import reasons


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
    all_users = (await ask(document, actor=ann, states=list(found))).data["users"]

    assert found == {
        **{"PENDING": [pending.gid], "ACCEPTED": [accepted.gid], "EXPIRED": [expired.gid]},
        **{"REVOKED": [revoked.gid], "SUPERSEDED": []},
    }
    assert (all_users["totalCount"], never.gid in str(all_users)) == (4, False)


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
    input = {"target": {"users": selection}, "options": {"idempotencyKey": "once"}}

    first = (await ask(document, actor=eve, input=input)).data["inviteUsers"]
    clock.advance(A_MINUTE)
    replayed = (await ask(document, actor=eve, input=input)).data["inviteUsers"]

    assert {outcome["userId"] for outcome in first["outcomes"]} == {person.gid for person in people[:2]}
    assert reasons(first) == [None, None]
    assert replayed == first


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
