"""The mail worker, both inside the server and in processes of its own. A test can kill these processes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from typer.testing import CliRunner

from api import app as server
from api.cli import cli
from api.core.clock import Clock
from api.mail.worker import LANES
from api.parts import make_parts
from api.settings.settings import load
from models.tables import OutboxMail
from tests.support.databases import Database
from tests.support.mail.sending import post
from tests.support.mail.smtp import DEADLINE, MailServer, mail_server
from tests.support.world import TestClock, World

ROOT = Path(__file__).parents[2]
SECRET = "a-secret-for-tests-of-32-bytes-or-more"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest_asyncio.fixture
async def smtp() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


def production(db: Database, smtp: MailServer | None) -> dict[str, str]:
    """Return the settings of a production server. If `smtp` is None, there is no mail server."""
    settings = {"env": "production", "database_url": db.url, "allow_sqlite": "true", "secret_key": SECRET}
    if smtp is None:
        return settings
    sender, pages = "Gatehouse <gate@msp.test>", "https://front.test/links"
    return {**settings, "smtp_url": f"{smtp.url}?starttls=never", "mail_from": sender, "link_base_url": pages}


@asynccontextmanager
async def worker_process(settings: dict[str, str]) -> AsyncIterator[Process]:
    """Run `gatehouse worker` as a process. If the process still runs after the body, it is killed."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GATEHOUSE_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from api.cli import main; main()",
        "worker",
        cwd=ROOT,
        env={**inherited, **{f"GATEHOUSE_{name.upper()}": value for name, value in settings.items()}},
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def begun(process: Process) -> None:
    """Wait until the worker process has started."""
    assert process.stdout
    line = await asyncio.wait_for(process.stdout.readline(), DEADLINE)
    assert line == b"Gatehouse sends queued mail. Stop with Ctrl-C.\n"


async def ended(process: Process) -> str:
    """Stop the process by SIGTERM, and return what it has printed and logged."""
    process.send_signal(signal.SIGTERM)
    said, logged = await asyncio.wait_for(process.communicate(), DEADLINE)
    assert process.returncode == 0, logged.decode()
    return (said + logged).decode()


async def states() -> Counter[str]:
    """Return the number of mails in each state."""
    return Counter(str(row.state) for row in await OutboxMail.all())


async def recorded(expected: dict[str, int]) -> None:
    """Wait until the numbers of mails by state are as expected. A process records a sent mail only a moment later."""
    async with asyncio.timeout(DEADLINE):
        while await states() != expected:  # noqa: ASYNC110  # a changed row sends no signal
            await asyncio.sleep(0.01)


async def test_workers_that_are_killed_lose_no_mail_and_repeat_only_what_was_in_flight(
    db: Database, world: World, clock: TestClock, smtp: MailServer
) -> None:
    clock.time = Clock().now()  # the processes have no other
    people = await world.users(6)
    await post(world, *people)
    addresses = [row.recipient for row in await OutboxMail.all().order_by("queue_place", "id")]
    killed: list[Process] = []

    def kill_and(answer: str) -> Callable[[], Awaitable[str]]:
        async def kill() -> str:
            killed.append(process)
            with suppress(ProcessLookupError):  # the mail of another lane has killed it already
                process.kill()
            return answer

        return kill

    smtp.answer(addresses[1], kill_and("250 2.0.0 accepted, and not received"))
    smtp.answer(addresses[3], kill_and("451 4.3.0 not accepted, and not received"))

    for crash in range(2):
        async with worker_process(production(db, smtp)) as process:
            await begun(process)
            await smtp.until(lambda crashes=crash: len(killed) > crashes)  # type: ignore[misc]  # of this round
        await OutboxMail.filter(lease__isnull=False).update(due_at=LONG_AGO)  # the lease runs out
    async with worker_process(production(db, smtp)) as process:
        await begun(process)
        await recorded({"SENT": 6})
        await ended(process)

    times = Counter(mail.recipient for mail in smtp.received)
    assert times[addresses[1]] >= 2
    assert sum(times.values()) <= len(addresses) + 2 * LANES
    assert len({mail.id for mail in smtp.received if mail.recipient == addresses[1]}) == 1
    assert len({mail.token for mail in smtp.received if mail.recipient == addresses[1]}) == 1
    assert {mail.recipient for mail in smtp.received} == set(addresses)


async def test_two_processes_send_every_mail_once_and_log_nothing_secret_or_personal(
    db: Database, world: World, clock: TestClock, smtp: MailServer
) -> None:
    clock.time = Clock().now()
    await world.portal("acme")
    people = await world.users(20, first_name="Annabel")
    refused = f"{people[0].login}@acme.test"
    smtp.answer(refused, f"550 5.1.1 <{refused}>: no such user")

    async with worker_process(production(db, smtp)) as one, worker_process(production(db, smtp)) as other:
        await asyncio.gather(begun(one), begun(other))
        await post(world, *people)
        await recorded({"SENT": 19, "DEAD": 1})
        output = await ended(one) + await ended(other)

    assert len(smtp.received) == 19
    assert set(Counter(mail.id for mail in smtp.received).values()) == {1}
    lines = [json.loads(line) for line in output.splitlines()]
    told = [(line["mail_id"], line["kind"], line["state"]) for line in lines if line["event"] == "mail.result"]
    assert sorted(told) == sorted([(str(row.id), "PASSWORD_RESET", str(row.state)) for row in await OutboxMail.all()])
    words = ["Annabel", "@", "front.test", "token=", *(mail.token for mail in smtp.received)]
    assert [word for word in words if word in output] == []


def test_a_worker_without_a_mail_server_says_what_is_missing(
    closed_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in production(closed_db, None).items():
        monkeypatch.setenv(f"GATEHOUSE_{name.upper()}", value)

    ended = CliRunner().invoke(cli, ["worker"])

    assert ended.exit_code == 1
    assert ended.stderr == "No mail can be sent: GATEHOUSE_SMTP_URL is not set.\n"


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[World]:
    """Run the application with its mail worker. Yield a world over its database."""
    clock = TestClock()
    parts = make_parts(load(**settings), clock)
    application = server.app(parts)
    async with application.router.lifespan_context(application):
        yield World(parts, clock)


async def test_the_server_sends_queued_mail_by_itself(closed_db: Database, smtp: MailServer) -> None:
    async with serving(**production(closed_db, smtp)) as world:
        await post(world, await world.user())
        await smtp.until(lambda: len(smtp.received) == 1)

    assert smtp.received[0].link.startswith("https://front.test/links/reset-password#token=")
    assert str(smtp.received[0].message["From"]) == "Gatehouse <gate@msp.test>"


async def test_a_server_whose_worker_is_off_leaves_queued_mail_alone(closed_db: Database, smtp: MailServer) -> None:
    async with serving(**production(closed_db, smtp), mail_worker="off") as world:
        await post(world, await world.user())
        await world.parts.runtime.transactions.drain(timedelta(seconds=DEADLINE))
        names = {task.get_name() for task in asyncio.all_tasks()}

    assert not [name for name in names if name.startswith("mail lane")]
    assert smtp.connections == 0


async def test_a_production_server_without_a_mail_server_says_that_mail_stays_queued(closed_db: Database) -> None:
    with capture_logs() as logs:
        async with serving(**production(closed_db, None)) as world:
            await post(world, await world.user())
            assert await states() == {"QUEUED": 1}

    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["mail.not_configured"]


async def test_without_a_mail_server_in_development_mails_become_files(closed_db: Database, tmp_path: Path) -> None:
    async with serving(database_url=closed_db.url, data_dir=tmp_path) as world:
        await post(world, await world.user())
        await recorded({"SENT": 1})

    (file,) = (tmp_path / "mail").iterdir()
    assert re.search(rb"http://localhost:5173/reset-password#token=3D[\w-]+", file.read_bytes().replace(b"=\n", b""))
