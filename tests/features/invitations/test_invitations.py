"""Invitations of users who were added before: their links, and how the links end."""

from __future__ import annotations

from datetime import timedelta

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
from tests.features.invitations.staged import A_MINUTE, AN_INSTANT, staged
from tests.support.mail.mailed import Queued, living, mail_to, nothing_is_queued, tokens
from tests.support.world import Ask, TestClock, World
from tests.support.world.answers import reasons, standing


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
    (old,) = links_of(await invite(ask, ann, bob, delivery="LINK", trustStoredEmail=True))

    (new,) = links_of(await invite(ask, ann, bob, delivery="LINK", trustStoredEmail=True, replacePreviousLink=True))

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

    (token,) = links_of(await invite(ask, ann, bob, delivery="LINK", trustStoredEmail=True))

    assert (await preview(ask, token))["nextStep"] == "SET_PASSWORD"
    assert (await accept(ask, token))["session"]["viewer"]["email"] == "bob@acme.test"


async def test_a_dry_run_of_inviting_makes_no_link_and_its_preview_invites(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await staged(world)

    looked = await invite(ask, ann, bob, delivery="LINK", options={"dryRun": True})
    assert (links_of(looked), await nothing_is_queued(), await world.status(bob)) == ([], True, Status.STAGED)
    document = (
        "mutation ($input: InviteUsersInput!) { inviteUsers(input: $input) { outcomes { newStatus inviteLink } } }"
    )
    input = {"target": {"users": {"previewId": looked["operation"]["id"]}}, "delivery": "LINK"}
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
