"""Requests for a new invitation with an expired link. The answer does not reveal whether the link is known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from models.tables import LinkToken, Portal, PortalUser
from tests.features.invitations.inviting import (
    accept,
    ada,
    invitation_token,
    invite,
    invite_new,
    links_of,
    new_person,
    preview,
    renew,
)
from tests.support.mail.mailed import Queued, living, mail_to
from tests.support.world import Ask, Person, TestClock, World

A_MINUTE = timedelta(minutes=1)
A_WEEK = timedelta(days=7)
SAME = '{"data":{"requestNewInvitation":{"account":null,"errors":[]}}}'


async def run_out(world: World, ask: Ask, clock: TestClock) -> tuple[Person, str]:
    """Return a user whose mailed invitation has just expired, and the token of the invitation."""
    portal = await world.portal()
    person = new_person(await invite_new(ask, await world.portal_admin(), portal, ada()))
    clock.advance(A_WEEK)
    return person, await invitation_token(world, person)


async def test_with_a_link_that_ran_out_a_new_one_is_mailed(world: World, ask: Ask, clock: TestClock) -> None:  # T17
    bob, token = await run_out(world, ask, clock)

    answer = await renew(ask, token)

    assert answer == SAME
    assert await living(world, bob) == [False, True]
    assert await mail_to(bob) == [Queued("INVITATION", "ada@new.test", "QUEUED")] * 2
    assert (await preview(ask, token))["state"] == "SUPERSEDED"
    assert (await accept(ask, await invitation_token(world, bob)))["session"]


async def is_accepted(world: World, person: Person) -> None:
    await LinkToken.filter(user_id=person.id).update(used_at=world.clock.now())


async def is_good_still(world: World, person: Person) -> None:
    await LinkToken.filter(user_id=person.id).update(expires_at=world.clock.now() + A_MINUTE)


async def is_revoked(world: World, person: Person) -> None:
    await LinkToken.filter(user_id=person.id).update(superseded_at=world.clock.now())


async def has_no_address(world: World, person: Person) -> None:
    await PortalUser.filter(id=person.id).update(email=None, email_key=None)


async def was_mailed_a_moment_ago(world: World, person: Person) -> None:
    await PortalUser.filter(id=person.id).update(verification_mailed_at=world.clock.now())


async def is_in_an_inactive_portal(world: World, person: Person) -> None:
    await Portal.all().update(is_active=False)


async def is_gone(world: World, person: Person) -> None:
    await PortalUser.filter(id=person.id).delete()


@pytest.mark.parametrize(
    "circumstance",
    [
        is_accepted,
        is_good_still,
        is_revoked,
        has_no_address,
        was_mailed_a_moment_ago,
        is_in_an_inactive_portal,
        is_gone,
    ],
)
async def test_in_all_other_cases_nothing_is_mailed_and_the_answer_is_the_same(
    world: World, ask: Ask, clock: TestClock, circumstance: Callable[[World, Person], Awaitable[None]]
) -> None:
    bob, token = await run_out(world, ask, clock)
    await circumstance(world, bob)
    before = len(await mail_to(bob))

    answer = await renew(ask, token)

    assert (answer, len(await mail_to(bob))) == (SAME, before)


async def test_a_token_that_never_was_is_answered_the_same(world: World, ask: Ask) -> None:
    assert await renew(ask, "no token") == await renew(ask, "") == SAME


async def test_asking_twice_mails_once(world: World, ask: Ask, clock: TestClock) -> None:
    bob, token = await run_out(world, ask, clock)

    answers = [await renew(ask, token), await renew(ask, token)]

    assert (answers, len(await mail_to(bob))) == ([SAME, SAME], 2)


async def test_an_expired_passed_on_link_is_renewed_by_mail_to_the_address_on_file(
    world: World, ask: Ask, clock: TestClock
) -> None:
    portal = await world.portal()
    ann = await world.portal_admin()
    bob = new_person(await invite_new(ask, ann, portal, ada(), delivery="NONE"))
    (token,) = links_of(await invite(ask, ann, bob, delivery="LINK"))
    clock.advance(A_WEEK)

    await renew(ask, token)

    assert await mail_to(bob) == [Queued("INVITATION", "ada@new.test", "QUEUED")]
