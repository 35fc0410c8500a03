"""The mails of invitations: how often they are sent, and their state."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import OutboxMail
from rules.lifecycle.statuses import Status
from tests.features.invitations.inviting import (
    accept,
    codes,
    invitation_of,
    invitation_token,
    invite,
    links_of,
    preview,
)
from tests.features.invitations.staged import A_MINUTE, AN_INSTANT, staged
from tests.support.mail.mailed import link, mail_to, nothing_is_queued
from tests.support.mail.sending import send_all, transport
from tests.support.mail.smtp import mail_server
from tests.support.world import Ask, TestClock, World
from tests.support.world.answers import reason, standing


@pytest.mark.parametrize(
    ("input", "code"),
    [
        ({"delivery": "LINK", "trustStoredEmail": True}, "NO_EMAIL"),
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
async def test_a_member_cannot_be_invited(world: World, ask: Ask, status: Status, code: str) -> None:
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
    (old,) = links_of(await invite(ask, ann, bob, delivery="LINK", trustStoredEmail=True))

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
