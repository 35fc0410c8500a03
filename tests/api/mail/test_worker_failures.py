"""A mail worker when the mail server or the database fails, or the worker's code has a bug."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]  # ships no types
from structlog.testing import capture_logs

from api.mail.rendering import Envelope
from models.db.sql import Sql, write
from models.mail.table import MailState
from models.tables import OutboxMail
from tests.api.mail.working import AN_HOUR, states
from tests.support.databases import Database, on_postgres
from tests.support.mail.sending import mail_worker, post, queued, send_all, transport
from tests.support.mail.smtp import DEADLINE, MailServer, mail_server
from tests.support.world import TestClock, World


class Clumsy:
    """A transport that raises ZeroDivisionError for mails to one address, and delivers all other mails."""

    def __init__(self, address: str, way: MailServer) -> None:
        self._address = address
        self._way = transport(way)

    async def send(self, envelope: Envelope) -> None:
        if envelope.recipient == self._address:
            raise ZeroDivisionError(self._address)
        await self._way.send(envelope)

    async def disconnect(self) -> None:
        await self._way.disconnect()


async def test_a_bug_while_sending_is_logged_and_the_mail_is_kept_for_later(world: World, smtp: MailServer) -> None:
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


async def test_while_no_server_is_reachable_a_lane_waits_and_tries_no_further_mail(
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
