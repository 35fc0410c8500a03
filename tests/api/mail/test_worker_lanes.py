"""Many mails at the same time: lanes, leases, and the end of a worker."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

from structlog.testing import capture_logs

from models.mail.table import MailState
from models.tables import OutboxMail
from services.mail.outbox import LEASE, Outbox
from services.passwords import password_reset
from tests.api.mail.working import states
from tests.support.mail.sending import mail_worker, post, queued, send_all, transport
from tests.support.mail.smtp import DEADLINE, MailServer, Misbehaviour
from tests.support.world import TestClock, World


async def test_two_workers_at_once_send_every_mail_once(world: World, smtp: MailServer) -> None:
    people = await world.users(40)
    await post(world, *people)
    first, second = (mail_worker(world, lambda: transport(smtp), lanes=3) for _ in range(2))

    async with first.running(), second.running():
        await smtp.until(lambda: len(smtp.received) >= len(people))

    assert set(Counter(mail.id for mail in smtp.received).values()) == {1}
    assert len(smtp.received) == 40
    assert await states() == {"SENT": 40}


async def test_a_running_worker_finds_later_mail_and_keeps_no_connection_meanwhile(
    world: World, smtp: MailServer
) -> None:
    ann, bob = await world.users(2)

    async with mail_worker(world, lambda: transport(smtp)).running():
        await post(world, ann)
        await smtp.until(lambda: len(smtp.received) == 1)
        await smtp.until(lambda: smtp.goodbyes == 1)
        await post(world, bob)
        await smtp.until(lambda: len(smtp.received) == 2)

    assert smtp.connections == smtp.goodbyes == 2


async def test_a_mail_over_which_the_server_falls_silent_keeps_no_other_waiting(world: World, smtp: MailServer) -> None:
    ann, bob = await world.users(2)
    await post(world, ann)
    await post(world, bob)
    smtp.answer((await queued(ann)).recipient, Misbehaviour.HANG)

    async with mail_worker(world, lambda: transport(smtp), lanes=3).running(grace=timedelta(0)):
        await smtp.until(lambda: len(smtp.received) == 1)

    assert smtp.received[0].recipient == (await queued(bob)).recipient


async def test_a_worker_sends_as_many_mails_at_once_as_it_has_lanes_and_no_more(world: World, smtp: MailServer) -> None:
    people = await world.users(5)
    await post(world, *people)
    for person in people:
        smtp.answer((await queued(person)).recipient, Misbehaviour.HANG)

    async with mail_worker(world, lambda: transport(smtp), lanes=3).running(grace=timedelta(0)):
        await smtp.until(lambda: smtp.silences == 3)
        in_hand = await OutboxMail.filter(lease__isnull=False).count()

    assert (smtp.silences, in_hand) == (3, 3)


async def test_a_mail_that_takes_longer_than_its_lease_stays_its_worker_s(
    world: World, smtp: MailServer, clock: TestClock
) -> None:
    ann = await world.user()
    await post(world, ann)
    other = Outbox(world.parts.runtime, jitter=lambda: 1.0, answer_request=password_reset.answer_next)
    found: list[object] = []

    async def slowly() -> str:
        for _ in range(3):
            clock.advance(LEASE - timedelta(seconds=1))
            until = clock.now() + LEASE
            while (await queued(ann)).due_at < until:  # noqa: ASYNC110  # a row tells no one that it has changed
                await asyncio.sleep(0)
            found.append(await other.take())
        return "250 OK"

    smtp.answer((await queued(ann)).recipient, slowly)
    worker = mail_worker(world, lambda: transport(smtp), renewed_every=timedelta(0))
    async with asyncio.timeout(DEADLINE), worker.running():
        await smtp.until(lambda: len(smtp.received) == 1)

    assert found == [None] * 3
    assert (await queued(ann)).state == MailState.SENT


async def test_a_worker_that_is_stopped_finishes_the_mail_in_its_hands_and_begins_no_other(
    world: World, smtp: MailServer
) -> None:
    ann, bob = await world.users(2)
    await post(world, ann)
    await post(world, bob)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def at_leisure() -> str:
        begun.set()
        await go_on.wait()
        return "250 OK"

    smtp.answer((await queued(ann)).recipient, at_leisure)

    async def run() -> None:
        async with mail_worker(world, lambda: transport(smtp)).running():
            await begun.wait()
            asyncio.get_running_loop().call_soon(go_on.set)

    async with asyncio.timeout(DEADLINE):
        await run()

    assert ((await queued(ann)).state, (await queued(bob)).state) == (MailState.SENT, MailState.QUEUED)
    assert (await queued(bob)).attempts == 0


async def test_a_worker_that_cannot_finish_in_time_leaves_the_mail_to_the_next(
    world: World, smtp: MailServer, clock: TestClock
) -> None:
    ann = await world.user()
    await post(world, ann)
    address = (await queued(ann)).recipient
    smtp.answer(address, Misbehaviour.HANG)

    with capture_logs() as logs:
        async with mail_worker(world, lambda: transport(smtp)).running(grace=timedelta(0)):
            await smtp.until(lambda: smtp.silences == 1)
    clock.advance(LEASE)
    await send_all(world, transport(smtp))

    assert "mail.interrupted" in [line["event"] for line in logs]
    assert [mail.recipient for mail in smtp.received] == [address]
