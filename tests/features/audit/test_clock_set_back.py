"""If the clock is set back, users lose nothing: links are ordered by their numbers, not by their times."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.tables import LinkToken, OutboxMail, PortalUser
from rules.mail.cooldown import COOLDOWN
from tests.features.invitations.inviting import codes, complete, confirm, invite, links_of, mailed_code, preview, start
from tests.features.registration.registering import passed_on
from tests.support.world import Ask, Person, TestClock, World
from tests.support.world.places import another_process

BACK = [timedelta(minutes=10), timedelta(hours=1)]


@pytest.mark.parametrize("back", BACK)
async def test_a_replaced_link_of_a_clock_set_back_is_the_newest(
    world: World, ask: Ask, clock: TestClock, back: timedelta
) -> None:  # E10, E11
    ann, bob, first = await passed_on(world, ask)
    clock.advance(-back)
    async with another_process(world) as behind:
        (second,) = links_of(await invite(behind, ann, bob, delivery="LINK", replacePreviousLink=True))
        clock.advance(COOLDOWN)

        (again,) = links_of(await invite(behind, ann, bob, delivery="LINK"))
        shown = await preview(behind, second)
        invitation = "query ($id: ID!) { user(id: $id) { invitation { state } } }"
        state = (await behind(invitation, actor=ann, id=bob.gid)).data["user"]["invitation"]["state"]

    assert first != second
    assert again == second
    assert (shown["state"], state) == ("PENDING", "PENDING")


@pytest.mark.parametrize("back", BACK)
async def test_an_invitee_registers_while_the_clock_is_set_back(
    world: World, ask: Ask, clock: TestClock, back: timedelta
) -> None:  # E12
    ann, bob, _ = await passed_on(world, ask)
    clock.advance(-back)
    async with another_process(world) as behind:
        (token,) = links_of(await invite(behind, ann, bob, delivery="LINK", replacePreviousLink=True))

        await start(behind, token)
        proof = await confirm(behind, token, await mailed_code(world, bob))
        done = await complete(behind, proof["registrationToken"])

    assert codes(done) == []
    assert done["session"]


async def test_a_code_can_be_asked_for_again_at_once_after_the_clock_was_set_back(
    world: World, ask: Ask, clock: TestClock
) -> None:
    _, bob, token = await passed_on(world, ask)
    await start(ask, token)
    clock.advance(-timedelta(minutes=10))

    async with another_process(world) as behind:
        started = await start(behind, token)
        proof = await confirm(behind, token, await mailed_code(world, bob))

    assert (codes(started), codes(proof)) == ([], [])


@pytest.mark.parametrize("action", ["resetPasswords", "resendVerifications"])
async def test_no_cooldown_is_longer_than_its_length(world: World, ask: Ask, clock: TestClock, action: str) -> None:
    ann = await world.mssp_admin()
    status = {"resendVerifications": "PROVISIONED"}.get(action, "ACTIVE")
    bob = await world.user(status=status)
    ahead = clock.now() + timedelta(hours=1)
    await PortalUser.filter(id=bob.id).update(reset_mailed_at=ahead, verification_mailed_at=ahead)

    payload = await ask.act(action, ann, bob)

    assert [outcome["status"] for outcome in payload["outcomes"]] == ["SUCCEEDED"]


async def test_links_are_numbered_in_the_order_of_issue(world: World, ask: Ask, clock: TestClock) -> None:
    ann, bob, _ = await passed_on(world, ask)
    for _ in range(3):
        clock.advance(-timedelta(hours=1))
        async with another_process(world) as behind:
            await invite(behind, ann, bob, delivery="LINK", replacePreviousLink=True)

    rows = await LinkToken.filter(purpose="INVITATION").order_by("sequence")

    assert [row.sequence for row in rows] == [1, 2, 3, 4]
    assert [row.superseded_at is None for row in rows] == [False, False, False, True]


async def test_a_reset_is_mailed_at_once_after_the_clock_was_set_back(world: World, ask: Ask, clock: TestClock) -> None:
    bob = await world.user()
    await asked(world, ask, bob)
    await OutboxMail.all().delete()
    clock.advance(-timedelta(hours=1))

    await asked(world, ask, bob)

    assert [mail.kind for mail in await OutboxMail.all()] == ["PASSWORD_RESET"]


async def asked(world: World, ask: Ask, person: Person) -> None:
    """Request a reset of the person's password, and wait until the mail is queued."""
    document = (
        "mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { errors { code } } }"
    )
    row = await world.row(person)
    assert row
    slug = person.portal.slug if person.portal else None
    await ask(document, input={"email": row.email, "portalSlug": slug})
    await world.answer_resets()
