"""The worker that sends queued mail: every mail that was wanted arrives, and twice only after a crash."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from api.mail.rendering import TEMPLATES, Envelope, MailRenderer
from models.db.sql import Sql, write
from models.mail.table import MailState
from models.tables import OutboxMail
from rules.lifecycle.statuses import Status
from rules.mail.kinds import MailKind
from services.email_addresses import named_mailbox
from services.mail.outbox import LEASE, Outbox
from tests.support.databases import Database, on_postgres
from tests.support.mailed import tokens
from tests.support.smtp import (
    DEADLINE,
    MailServer,
    Misbehaviour,
    mail_server,
    mail_worker,
    post,
    queued,
    send_all,
    transport,
)
from tests.support.stored import places_of
from tests.support.world import Ask, TestClock, World

ROOT = Path(__file__).parents[3]
SECRET = "a-secret-for-tests-of-32-bytes-or-more"
AN_HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def smtp() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


async def states() -> Counter[str]:
    """How many mails are in each state."""
    return Counter(str(row.state) for row in await OutboxMail.all())


async def test_an_admins_reset_arrives_with_the_link_that_was_stored_as_a_hash(
    world: World, ask: Ask, smtp: MailServer
) -> None:  # K2, K16
    ann, people = await world.portal_admin(), await world.users(3)

    payload = await ask.act("resetPasswords", ann, *people)
    await send_all(world, transport(smtp))

    assert [outcome["status"] for outcome in payload["outcomes"]] == ["SUCCEEDED"] * 3
    assert [mail.recipient for mail in smtp.received] == [(await world.row(bob)).email for bob in people]  # type: ignore[union-attr]
    assert [[mail.token] for mail in smtp.received] == [await tokens(world, bob) for bob in people]
    assert await states() == {"SENT": 3}


async def test_nothing_in_the_database_is_in_the_link_that_arrived(world: World, smtp: MailServer) -> None:
    bob = await world.user()

    await post(world, bob)
    assert (await places_of(*await tokens(world, bob))) == []
    await send_all(world, transport(smtp))

    (mail,) = smtp.received
    assert len(mail.token) == 43
    assert await places_of(mail.token, mail.link) == []


async def test_a_mail_refused_for_now_arrives_later_and_once(world: World, smtp: MailServer, clock: TestClock) -> None:
    ann, bob = await world.users(2)
    await post(world, ann)
    await post(world, bob)
    smtp.answer((await queued(ann)).recipient, "451 4.3.0 not now", "452 4.3.1 nor now")

    for _ in range(3):
        await send_all(world, transport(smtp))
        clock.advance(timedelta(minutes=1))

    assert [mail.recipient for mail in smtp.received] == [(await queued(who)).recipient for who in (bob, ann)]
    assert (await queued(ann)).attempts == 3
    assert await states() == {"SENT": 2}


async def test_a_mail_refused_for_good_is_tried_once_and_kept(world: World, smtp: MailServer, clock: TestClock) -> None:
    ann, bob = await world.users(2)
    await post(world, ann)
    await post(world, bob)
    address = (await queued(ann)).recipient
    smtp.answer(address, f"550 5.1.1 <{address}>: no such user", to="RCPT")

    await send_all(world, transport(smtp))
    clock.advance(AN_HOUR)
    await send_all(world, transport(smtp))

    assert smtp.tried.count(address) == 1
    mail = await queued(ann)
    assert (mail.state, mail.problem) == (MailState.DEAD, "550 5.1.1")
    assert await states() == {"DEAD": 1, "SENT": 1}


async def test_whatever_the_server_does_every_mail_arrives_once_and_with_one_message_id(
    world: World, smtp: MailServer, clock: TestClock
) -> None:
    people = await world.users(6)
    await post(world, *people)
    addresses = [(await queued(person)).recipient for person in people]
    smtp.answer(addresses[0], "421 4.3.2 closing", "450 4.2.0 busy", to="RCPT")
    smtp.answer(addresses[1], "451 4.3.0 not now")
    smtp.answer(addresses[2], Misbehaviour.HANG)
    smtp.answer(addresses[3], Misbehaviour.DROP)
    smtp.answer(addresses[4], Misbehaviour.DROP_AFTER)

    for _ in range(4):
        await send_all(world, transport(smtp, patience=1))
        clock.advance(AN_HOUR)

    assert Counter(mail.recipient for mail in smtp.received) == Counter(addresses)
    rows = {row.recipient: row.id for row in await OutboxMail.all()}
    assert {mail.recipient: mail.id for mail in smtp.received} == {
        address: f"<{rows[address]}@msp.test>" for address in addresses
    }
    assert await states() == {"SENT": 6}


@pytest.mark.parametrize("spoiled", ["address", "template"])
async def test_a_mail_that_cannot_be_written_is_dead_and_holds_up_nobody(
    world: World, smtp: MailServer, tmp_path: Path, spoiled: str
) -> None:
    address = "ann@acme.test\r\nRCPT TO:<eve@evil.test>"
    ann = await world.user(status=Status.PROVISIONED, email=address if spoiled == "address" else "ann@acme.test")
    bob = await world.user()
    shutil.copytree(TEMPLATES, tmp_path / "mail")
    if spoiled == "template":
        (tmp_path / "mail" / "invitation.j2").write_text("{% extends layout %}{% block what %}{{ nil }}{% endblock %}")
    await post(world, ann, kind=MailKind.INVITATION)
    await post(world, bob)
    written = MailRenderer(named_mailbox("gate@msp.test"), "https://front.test", tmp_path / "mail")
    way = transport(smtp)
    worker = mail_worker(world, lambda: way, written=written)

    with capture_logs() as logs:
        while await worker.send_next(way):
            pass
        await way.rest()

    assert [mail.recipient for mail in smtp.received] == [(await queued(bob)).recipient]
    mail = await queued(ann)
    assert (mail.state, mail.problem) == (MailState.DEAD, {"address": "bad-address", "template": "no-letter"}[spoiled])
    assert "ann@acme" not in repr(logs)


class Clumsy:
    """A way to send that has a mistake in it, for one address."""

    def __init__(self, address: str, way: MailServer) -> None:
        self._address = address
        self._way = transport(way)

    async def send(self, envelope: Envelope) -> None:
        if envelope.recipient == self._address:
            raise ZeroDivisionError(self._address)
        await self._way.send(envelope)

    async def rest(self) -> None:
        await self._way.rest()


async def test_a_mistake_of_ours_in_sending_is_told_to_the_log_and_the_mail_kept_for_later(
    world: World, smtp: MailServer
) -> None:
    ann, bob = await world.users(2)
    await post(world, ann)
    await post(world, bob)
    address = (await queued(ann)).recipient

    with capture_logs() as logs:
        await send_all(world, Clumsy(address, smtp))

    assert [mail.recipient for mail in smtp.received] == [(await queued(bob)).recipient]
    mail = await queued(ann)
    assert (mail.state, mail.problem) == (MailState.QUEUED, "ZeroDivisionError")
    mistake = next(line for line in logs if line["log_level"] == "error")
    assert (mistake["event"], mistake["exception"]) == ("mail.send_failed", "builtins.ZeroDivisionError")
    assert address not in repr(logs)


async def test_a_link_that_was_replaced_before_its_mail_went_out_is_not_mailed(
    world: World, ask: Ask, smtp: MailServer, clock: TestClock
) -> None:  # E10, L11
    ann, bob = await world.portal_admin(), await world.user()
    await ask.act("resetPasswords", ann, bob)
    clock.advance(timedelta(minutes=2))
    await ask.act("resetPasswords", ann, bob)

    await send_all(world, transport(smtp))

    assert [mail.token for mail in smtp.received] == (await tokens(world, bob))[1:]
    assert await states() == {"CANCELLED": 1, "SENT": 1}


async def test_two_workers_at_once_send_every_mail_once(world: World, smtp: MailServer) -> None:
    people = await world.users(40)
    await post(world, *people)
    first, second = (mail_worker(world, lambda: transport(smtp), lanes=3) for _ in range(2))

    async with first.running(), second.running():
        await smtp.until(lambda: len(smtp.received) >= len(people))

    assert set(Counter(mail.id for mail in smtp.received).values()) == {1}
    assert len(smtp.received) == 40
    assert await states() == {"SENT": 40}


async def test_a_running_worker_finds_what_is_queued_later_and_keeps_no_connection_meanwhile(
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
    other = Outbox(world.parts.runtime, jitter=lambda: 1.0)
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


async def test_while_no_server_can_be_reached_a_lane_waits_instead_of_trying_mail_after_mail(
    world: World, clock: TestClock
) -> None:
    people = await world.users(20)
    await post(world, *people)
    pauses = 0
    thrice = asyncio.Event()

    def jitter() -> float:
        nonlocal pauses
        pauses += 1
        if pauses == 6:  # each failure asks twice: when to try this mail again, and when to go on
            thrice.set()
        return 0.5

    async with mail_server() as smtp:
        port = smtp.port
    async with mail_worker(world, lambda: transport(smtp), jitter=jitter).running():
        await asyncio.wait_for(thrice.wait(), DEADLINE)
    rows = await OutboxMail.filter(attempts__gt=0)
    assert {row.problem for row in rows} == {"no-connection"}
    assert 3 <= len(rows) <= 4

    clock.advance(AN_HOUR)
    async with mail_server(port) as smtp:
        await send_all(world, transport(smtp))
        assert len(smtp.received) == 20


async def test_a_lane_that_stumbles_says_so_and_goes_on(world: World, smtp: MailServer) -> None:
    ann = await world.user()
    stumbled = asyncio.Event()

    def jitter() -> float:
        stumbled.set()
        return 0.0

    await write(Sql("ALTER TABLE outbox_mail RENAME TO elsewhere"))
    with capture_logs() as logs:
        async with mail_worker(world, lambda: transport(smtp), jitter=jitter).running():
            await asyncio.wait_for(stumbled.wait(), DEADLINE)
            await write(Sql("ALTER TABLE elsewhere RENAME TO outbox_mail"))
            await post(world, ann)
            await smtp.until(lambda: len(smtp.received) == 1)

    stumbling = next(line for line in logs if line["event"] == "mail.worker_failed")
    assert stumbling["exception"].endswith("OperationalError")
    assert await states() == {"SENT": 1}


@on_postgres
async def test_a_mail_that_was_sent_when_the_database_went_away_is_not_sent_again(
    db: Database, world: World, smtp: MailServer
) -> None:
    ann = await world.user()
    await post(world, ann)
    name = urlsplit(db.url).path[1:]
    admin = await asyncpg.connect(urlsplit(db.url)._replace(path="/postgres").geturl())
    missed = asyncio.Event()

    async def and_the_database_goes_away() -> str:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        return "250 OK"

    def jitter() -> float:
        missed.set()
        return 1.0

    smtp.answer((await queued(ann)).recipient, and_the_database_goes_away)
    with capture_logs() as logs:
        async with mail_worker(world, lambda: transport(smtp), jitter=jitter).running():
            await asyncio.wait_for(missed.wait(), DEADLINE)
            await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await admin.close()

    assert "mail.database_unavailable" in [line["event"] for line in logs]
    assert await states() == {"SENT": 1}
    assert len(smtp.received) == 1
