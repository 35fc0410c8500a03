"""The mail worker and the hourly housekeeping that run inside the server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import structlog

from api.housekeeping_loop import HousekeepingLoop
from api.mail.dev_mailbox import FileTransport
from api.mail.rendering import MailRenderer
from api.mail.smtp import SmtpTransport, Transport
from api.mail.worker import MailWorker
from api.settings.settings import Settings
from services.email_addresses import named_mailbox
from services.housekeeping.run import Housekeeping
from services.runtime import Runtime

log = structlog.get_logger(__name__)


def mail_worker(settings: Settings, runtime: Runtime, jitter: Callable[[], float]) -> MailWorker | None:
    """Return a mail worker that uses the mail server of `settings`.

    If no mail server is set, the result depends on the environment. In development, return a worker that writes mails
    to files. In production, return None.

    `jitter` returns a random number from 0 to 1 that varies the worker's pauses.
    """
    transport: Callable[[], Transport]
    if server := settings.smtp_server:
        transport = partial(SmtpTransport, server)
    elif settings.env == "development":
        transport = partial(FileTransport, settings.mail_folder)
    else:
        return None
    renderer = MailRenderer(named_mailbox(settings.mail_from), settings.link_base_url)
    return MailWorker(runtime, renderer, transport, jitter=jitter)


@asynccontextmanager
async def mail_delivery(settings: Settings, runtime: Runtime, jitter: Callable[[], float]) -> AsyncIterator[None]:
    """Send queued mail while the body of the `with` statement runs.

    Send no mail if the setting `mail_worker` is off, or in production without a mail server. The latter case logs a
    warning.
    """
    worker = mail_worker(settings, runtime, jitter)
    if settings.mail_worker == "off":
        yield
    elif worker is None:
        log.warning("mail.not_configured")
        yield
    else:
        async with worker.running():
            yield


@asynccontextmanager
async def hourly_housekeeping(settings: Settings, runtime: Runtime, jitter: Callable[[], float]) -> AsyncIterator[None]:
    """Run the housekeeping whenever it is due, until the body of the `with` statement ends.

    If the setting `housekeeping` is off, do not run it. In both cases, first insert a row for each task that the
    database does not know yet, such as a task of a new version.
    """
    housekeeping = Housekeeping(runtime)
    await housekeeping.register()
    if settings.housekeeping == "off":
        yield
        return
    async with HousekeepingLoop(housekeeping, jitter=jitter).running():
        yield
