"""Which queued mail is sent next, and by which worker."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from pydantic import SecretStr

from api.mail.worker import POLL
from api.parts import make_parts
from models.mail.table import MailState
from models.tables import OutboxMail
from rules.auth.link_purposes import Purpose
from rules.lifecycle.statuses import Status
from rules.mail.kinds import MailKind
from services.mail.outbox import Outbox
from services.passwords import password_reset
from tests.services.mail.taking import LATE, taken
from tests.support.mail.sending import post, queued
from tests.support.world import TestClock, World


async def test_a_mail_is_taken_once_with_everything_that_its_letter_tells(world: World, outbox: Outbox) -> None:
    await world.portal(name="Acme", support_contact="help@msp.test")
    ann = await world.user(first_name="Ann", last_name="Smith", email="ann@acme.test", status=Status.PROVISIONED)
    await post(world, ann, kind=MailKind.INVITATION, lives=timedelta(days=7))

    claimed = await taken(outbox)

    assert (claimed.name, claimed.portal, claimed.support_contact) == ("Ann Smith", "Acme", "help@msp.test")
    assert (claimed.mail.recipient, claimed.mail.kind) == ("ann@acme.test", MailKind.INVITATION)
    assert claimed.link
    assert (claimed.link.purpose, claimed.link.expires_at) == (
        Purpose.INVITATION,
        world.clock.now() + timedelta(days=7),
    )
    assert await outbox.take() is None


async def test_what_a_person_waits_for_is_sent_before_what_was_queued_in_bulk(world: World, outbox: Outbox) -> None:
    await post(world, *await world.users(3, status=Status.PROVISIONED), kind=MailKind.INVITATION)
    await post(world, await world.user(), kind=MailKind.PASSWORD_RESET)

    kinds = [(await taken(outbox)).mail.kind for _ in range(4)]

    assert kinds == [MailKind.PASSWORD_RESET, *[MailKind.INVITATION] * 3]


async def test_a_portal_s_many_mails_do_not_hold_up_another_portal_s(world: World, outbox: Outbox) -> None:
    acme, globex = await world.portal("acme"), await world.portal("globex")
    many = await world.users(6, acme, status=Status.PROVISIONED)
    few = await world.users(2, globex, status=Status.PROVISIONED)
    await post(world, *many, kind=MailKind.INVITATION)
    for _ in range(2):
        await outbox.record_sent(await taken(outbox))
    await post(world, *few, kind=MailKind.INVITATION)

    portals = [(await taken(outbox)).mail.portal_id for _ in range(6)]

    assert portals[:4].count(globex.id) == 2
    assert portals[4:] == [acme.id] * 2


async def test_a_dead_worker_s_mail_is_sent_by_another_within_a_minute(
    world: World, outbox: Outbox, clock: TestClock
) -> None:
    await post(world, await world.user())
    lost = await taken(outbox)
    assert await outbox.renew(lost)
    clock.advance(timedelta(seconds=59) - POLL)

    assert (await taken(outbox)).mail.id == lost.mail.id
    assert not await outbox.renew(lost)


async def test_of_mails_that_failed_the_one_due_first_is_tried_again_first(world: World, clock: TestClock) -> None:
    ann, bob, cat = await world.users(3)
    await post(world, ann)
    await post(world, bob)
    chances = iter([1.0, 0.0])
    outbox = Outbox(world.parts.runtime, jitter=lambda: next(chances), answer_request=password_reset.answer_next)
    for _ in range(2):
        await outbox.record_failure(await taken(outbox), LATE)  # ann is due in 30 seconds, bob in 15
    await post(world, cat)
    clock.advance(timedelta(seconds=40))

    order = [(await taken(outbox)).mail.user_id for _ in range(3)]

    assert order == [cat.id, bob.id, ann.id]


async def test_a_worker_with_another_secret_key_leaves_the_mail_to_others(
    world: World, outbox: Outbox, clock: TestClock
) -> None:
    ann = await world.user()
    await post(world, ann)
    settings = world.parts.settings.model_copy(update={"secret_key": SecretStr("another-secret-of-32-bytes-or-more")})
    links = make_parts(settings, clock).runtime.links
    stranger = Outbox(
        replace(world.parts.runtime, links=links), jitter=lambda: 1.0, answer_request=password_reset.answer_next
    )

    assert await stranger.take() is None

    assert ((await queued(ann)).state, (await queued(ann)).problem) == (MailState.QUEUED, "other-secret-key")
    clock.advance(timedelta(seconds=30))
    assert (await taken(outbox)).mail.user_id == ann.id


async def test_of_many_that_take_at_once_each_gets_another_mail(world: World, outbox: Outbox) -> None:
    await post(world, *await world.users(12))

    claims = await asyncio.gather(*(outbox.take() for _ in range(16)))

    assert Counter(claimed.mail.id for claimed in claims if claimed) == Counter(
        [row.id for row in await OutboxMail.all()]
    )
