"""Queue mails, and run a worker that sends them to the tests' mail server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from api.core.smtp_server import SmtpServer
from api.mail.rendering import MailRenderer
from api.mail.smtp import SmtpTransport, Transport
from api.mail.worker import MailWorker
from models.tables import OutboxMail
from rules.mail.kinds import MailKind
from services.email_addresses import named_mailbox
from services.mail import link_mails
from services.mail.link_mails import LinkMailRequest
from services.mail.outbox import RENEWED_EVERY
from tests.support.mail.smtp import DEADLINE, MailServer
from tests.support.world import Person, World


async def post(
    world: World,
    *people: Person,
    kind: MailKind = MailKind.PASSWORD_RESET,
    to: str | None = None,
    lives: timedelta = timedelta(hours=24),
) -> None:
    """Queue a mail of the given kind to each user, as the services do. `to` replaces the user's address."""
    letters = []
    for person in people:
        row = await world.row(person)
        assert row
        letters.append(LinkMailRequest(row, kind, to or row.email or "", lives))
    runtime = world.parts.runtime
    await runtime.transactions.run(lambda: link_mails.enqueue_link_mails(runtime, letters, runtime.now()))


async def queued(person: Person) -> OutboxMail:
    """Return the person's newest mail, as stored."""
    return (await OutboxMail.filter(user_id=person.id).order_by("-id"))[0]


def letters() -> MailRenderer:
    """Return the renderer with which a worker renders mails."""
    return MailRenderer(named_mailbox("Gatehouse <gate@msp.test>"), "https://front.test/links")


def transport(server: MailServer, patience: float = DEADLINE) -> SmtpTransport:
    """Return an SMTP transport to the server. `patience` is in seconds."""
    return SmtpTransport(SmtpServer.at(server.url), patience=timedelta(seconds=patience))


def mail_worker(
    world: World,
    way: Callable[[], Transport],
    *,
    lanes: int = 1,
    jitter: Callable[[], float] = lambda: 1.0,
    written: MailRenderer | None = None,
    renewed_every: timedelta = RENEWED_EVERY,
) -> MailWorker:
    """Return a mail worker that looks for queued mail at short intervals."""
    return MailWorker(
        world.parts.runtime,
        written or letters(),
        way,
        jitter=jitter,
        poll=timedelta(milliseconds=10),
        lanes=lanes,
        renewed_every=renewed_every,
    )


async def send_all(world: World, way: Transport) -> None:
    """Send all mails that are due, and close the connection."""
    worker = mail_worker(world, lambda: way)
    while await worker.send_next(way):
        pass
    await way.disconnect()
