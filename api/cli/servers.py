"""Commands that run the server and the mail worker."""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated

import structlog
import typer

from api.background import mail_worker
from api.cli.command_runner import Impossible, in_database, run
from api.cli.commands import CommandGroup
from api.cli.terminal.banner import greeting
from api.cli.terminal.output import fail, say
from api.graphql.tracing import NotInstalled, tracer_provider
from api.parts import GRACE, Parts, make_parts
from api.settings.private_files import restrict_access
from api.settings.settings import Settings, read, with_files
from api.settings.settings_errors import SettingsError
from api.settings.startup_faults import faults
from api.settings.unsafe_settings import faults_of_every_process
from api.telemetry import logs
from services.admin import demo

group = CommandGroup("Servers")

log = structlog.get_logger(__name__)


@group.command(example="gatehouse serve --port 9000", then="open the printed address in a browser.")
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: GATEHOUSE_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0 takes a free one. Default: GATEHOUSE_PORT.")
    ] = None,
) -> None:
    """Serve the GraphQL API at /graphql. In development, the same address shows GraphiQL in a browser."""
    from api import server as http  # slow to import: it makes every type of the schema

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    try:
        settings, has_demo = _checked(read(**given))
        sentences = restrict_access(settings)
        parts = make_parts(settings, tracing=tracer_provider(settings.tracing))
        listening = http.listen(settings.host, settings.port)
    except (SettingsError, Impossible, NotInstalled, http.CannotListen) as problem:
        fail(str(problem))
    in_development = settings.env == "development"
    logs.configure(for_people=in_development)
    for sentence in sentences:
        log.warning("file.made_private", file=sentence)
    words = greeting(http.address(settings.host, listening), in_development=in_development, has_demo=has_demo)
    http.serve(parts, listening, lambda: say(words))


def _checked(settings: Settings) -> tuple[Settings, bool]:
    """Check the settings and the database. Return the settings, and whether the database contains the demo.

    If no secret key is set, the returned settings have the key of the key file. If the server must not start, raise
    Impossible with all faults.
    """
    if not settings.lacking:
        settings = with_files(settings)  # makes the data folder, which holds the database by default
    problem = None
    try:
        has_demo = in_database(settings.database_url, demo.is_loaded)
    except Impossible as impossible:
        has_demo, problem = False, impossible
    if found := faults(settings, has_demo=has_demo):
        listed = [*found, *([str(problem)] if problem else [])]
        unfit = "Not fit for production:" if settings.env == "production" else "The settings cannot be used:"
        raise Impossible("\n".join((unfit, *(f"- {fault}" for fault in listed))))
    if problem:
        raise problem
    return settings, has_demo


@group.command(example="gatehouse worker", then="start the servers with GATEHOUSE_MAIL_WORKER=off, if only this sends.")
def worker() -> None:
    """Send queued mail until stopped. Several workers and servers can send mail at the same time."""

    async def body(parts: Parts) -> None:
        mail = mail_worker(parts.settings, parts.runtime, parts.chance.jitter)
        if mail is None:
            fail("No mail can be sent: GATEHOUSE_SMTP_URL is not set.")
        if parts.settings.env == "production" and (found := faults_of_every_process(parts.settings)):
            fail("\n".join(("Not fit for production:", *(f"- {fault}" for fault in found))))
        logs.configure(for_people=parts.settings.env == "development")
        stopped = _stop_signal()
        async with mail.running():
            say("Gatehouse sends queued mail. Stop with Ctrl-C.")
            await stopped.wait()
        await parts.runtime.transactions.drain(GRACE)

    run(body)


def _stop_signal() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped
