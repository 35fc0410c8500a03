"""The command line: run it, set it up, look after it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console

from api import app as server
from api import dev, filling, first_password, logs, looking_after
from api import serve as http
from api.app import Gatehouse
from api.greeting import greeting
from api.production import faults
from api.settings import Settings, SettingsError, load
from api.worker import mail_worker, told_to_stop
from models.database import damaged, database, unavailable
from models.migrate import migrate as apply_migrations
from models.migrate import pending
from rules.access import Role
from rules.licenses import Kind
from rules.refusals import Refusal
from services import demo as demo_cast
from services import doctor as checks
from services import setup
from services.desk import Caller
from services.setup import NewUser, Seats

T = TypeVar("T")

cli = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Gatehouse runs the users of many customer portals. Settings are environment variables: GATEHOUSE_ENV,"
    " GATEHOUSE_HOST, GATEHOUSE_PORT, GATEHOUSE_DATA_DIR, GATEHOUSE_DATABASE_URL, GATEHOUSE_SECRET_KEY.",
)
out, err = Console(), Console(stderr=True)

MsspOption = Annotated[str, typer.Option(help="Name of the MSSP, as given to create-mssp.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        allow_dash=True,
        help="File that holds the first password, 15 to 128 characters; - is standard input. Absent: it is asked for.",
    ),
]


def main() -> None:
    """The `gatehouse` command; exits 1 with a sentence when a command cannot do its work, 2 for wrong usage."""
    if any("\udc80" <= character <= "\udcff" for argument in sys.argv for character in argument):
        err.print("The arguments must be UTF-8.", style="red")
        raise SystemExit(2)
    cli()


def _say(message: str) -> None:
    out.print(message, markup=False, highlight=False, soft_wrap=True)


def _fail(message: str) -> NoReturn:
    err.print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)


def _settings(**given: object) -> Settings:
    try:
        return load(**given)
    except SettingsError as problem:
        _fail(str(problem))


def _password_hash(file: Path | None) -> str:
    try:
        return first_password.hashed(file)
    except Refusal as no:
        _fail(no.message)


def _run(body: Callable[[Gatehouse], Coroutine[Any, Any, T]], *, migrated: bool = True) -> T:
    """Runs a command's body with the database open; problems become a sentence and exit 1."""
    parts = server.gatehouse(_settings())

    async def opened() -> T:
        async with database(parts.settings.database_url, statement_timeout=None):
            if migrated and (missing := await pending()):
                _fail(f"The database lacks {', '.join(missing)}. Run: gatehouse migrate")
            return await body(parts)

    try:
        return asyncio.run(opened())
    except Refusal as no:
        _fail(no.message or no.code.value)
    except (FileNotFoundError, ValueError) as problem:
        _fail(str(problem))
    except Exception as problem:
        if unavailable(problem):
            _fail("The database cannot be reached. Is GATEHOUSE_DATABASE_URL right, and the server up?")
        if damaged(problem):
            _fail("What GATEHOUSE_DATABASE_URL names is no SQLite database, or a damaged one.")
        raise
    finally:
        parts.passwords.close()


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: GATEHOUSE_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0 takes a free one. Default: GATEHOUSE_PORT.")
    ] = None,
) -> None:
    """Serve the API at /graphql. In development a browser that opens that address gets GraphiQL."""
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = _settings(**given)
    in_development = settings.env == "development"
    logs.configure(for_people=in_development)
    has_demo = _run(_has_demo)
    if found := faults(settings, has_demo=has_demo):
        _fail("Not fit for production:\n" + "\n".join(f"- {fault}" for fault in found))
    try:
        listening = http.listen(settings.host, settings.port)
    except http.CannotListen as problem:
        _fail(str(problem))
    words = greeting(http.address(settings.host, listening), in_development=in_development, has_demo=has_demo)
    http.serve(server.gatehouse(settings), listening, lambda: _say(words))


async def _has_demo(_: Gatehouse) -> bool:
    return await demo_cast.is_loaded()


@cli.command()
def worker() -> None:
    """Send queued mail until stopped; any number of workers share the work, beside servers or instead of them."""

    async def body(parts: Gatehouse) -> None:
        mail = mail_worker(parts.settings, parts.work, parts.chance.jitter)
        if mail is None:
            _fail("No mail can be sent: GATEHOUSE_SMTP_URL is not set.")
        logs.configure(for_people=parts.settings.env == "development")
        told = told_to_stop()
        async with mail.running():
            _say("Gatehouse sends queued mail. Stop with Ctrl-C.")
            await told.wait()
        await parts.work.transactions.drain(server.GRACE)

    _run(body)


@cli.command()
def migrate() -> None:
    """Bring the database's tables up to date; safe to repeat and to run twice at once."""

    async def body(_: Gatehouse) -> list[str]:
        return await apply_migrations()

    applied = _run(body, migrated=False)
    _say(f"Applied: {', '.join(applied)}" if applied else "Nothing to apply.")


@cli.command()
def demo(
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="Do nothing where something is set up already, and in production.")
    ] = False,
    portals: Annotated[
        int | None, typer.Option(help="For measuring: add portals load-1, load-2 …; see --users.")
    ] = None,
    users: Annotated[int | None, typer.Option(help="Users in those portals, half of them in the first.")] = None,
) -> None:
    """Load two MSSPs with four portals and about 360 users into an empty database."""
    if _settings().env != "development":
        refusal = "The demo's passwords are public: it loads in development only."
        if not if_empty:
            _fail(refusal)
        _say(refusal)
        return

    async def body(parts: Gatehouse) -> str:
        return await filling.fill(parts, out, crowd=filling.Crowd.of(portals, users), if_empty=if_empty)

    _say(_run(body))


@cli.command("create-mssp")
def create_mssp(name: Annotated[str, typer.Argument(help="The provider's name.")]) -> None:
    """Set up a provider: the first thing in a system of one's own."""
    _run(lambda parts: setup.create_mssp(parts.work, name))
    _say(f"MSSP {name} is set up. Next: gatehouse create-staff")


@cli.command("create-staff")
def create_staff(
    mssp: MsspOption,
    email: Annotated[str, typer.Option(help="The e-mail address to sign in with.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    password_file: PasswordFile = None,
    technician: Annotated[bool, typer.Option("--technician", help="A technician instead of an MSSP admin.")] = False,
    portal: Annotated[
        list[str] | None, typer.Option(help="Slug of a portal that the technician looks after; repeat it.")
    ] = None,
) -> None:
    """Set up a member of an MSSP's staff: an admin of all its portals, or a technician of some."""
    password_hash = _password_hash(password_file)
    _run(
        lambda parts: setup.create_staff(
            parts.work,
            mssp=mssp,
            email=email,
            name=name,
            role=Role.MSSP_TECHNICIAN if technician else Role.MSSP_ADMIN,
            portals=portal or (),
            password_hash=password_hash,
        )
    )
    _say(f"{email} can sign in, without a portalSlug.")


@cli.command("create-portal")
def create_portal(
    mssp: MsspOption,
    slug: Annotated[str, typer.Option(help="Short name for addresses and sign-in: a-z, 0-9 and -.")],
    name: Annotated[str, typer.Option(help="The portal's name for people.")],
    admin_email: Annotated[str, typer.Option(help="E-mail address of the portal's first admin.")],
    admin_first_name: Annotated[str, typer.Option(help="First name of the portal's first admin.")],
    password_file: PasswordFile = None,
    admin_last_name: Annotated[str | None, typer.Option(help="Last name of the portal's first admin.")] = None,
    package: Annotated[str, typer.Option(help="Name of the first license package.")] = "Standard",
    seats: Annotated[int, typer.Option(help="Seats in it.", min=1)] = 10,
    support: Annotated[str | None, typer.Option(help="Whom its admins ask for more seats.")] = None,
) -> None:
    """Set up a portal with its first admin, who holds no seat, and its first license package."""
    password_hash = _password_hash(password_file)
    _run(
        lambda parts: setup.create_portal(
            parts.work,
            mssp=mssp,
            slug=slug,
            name=name,
            admin=NewUser(
                username=admin_email,
                email=admin_email,
                first_name=admin_first_name,
                last_name=admin_last_name,
                kind=Kind.INTERNAL,
                role=Role.PORTAL_ADMIN,
                password_hash=password_hash,
            ),
            package=Seats(package, seats),
            support=support,
        )
    )
    _say(f'{admin_email} can sign in, with portalSlug "{slug}".')


@cli.command()
def schema() -> None:
    """Print the GraphQL schema that this version serves."""
    typer.echo(server.schema(introspection=True).as_str())


@cli.command()
def doctor() -> None:
    """Recount every tile and seat by the rules; exit 1 and tell where what is kept differs."""

    async def body(parts: Gatehouse) -> list[str]:
        return await checks.drift(parts.work)

    found = _run(body)
    for line in found:
        err.print(line, markup=False, highlight=False, soft_wrap=True)
    if found:
        _fail(f"{len(found)} {'difference' if len(found) == 1 else 'differences'}.")


@cli.command()
def token(
    login: Annotated[str, typer.Argument(help="E-mail or username.")],
    portal: Annotated[str | None, typer.Option(help="Slug of the account's portal. Absent for MSSP staff.")] = None,
) -> None:
    """Print an access token for an account, without its password; in development only."""
    if _settings().env != "development":
        _fail("Tokens without a password are for development only. Sign in instead.")

    async def body(parts: Gatehouse) -> str:
        signed_in = await dev.token(parts.work, parts.desk, Caller("command line", None), login, portal)
        if signed_in.token is None:
            _fail(f"{login} cannot sign in: {', '.join(signed_in.blockers)}")
        return signed_in.token.text

    typer.echo(_run(body))


looking_after.add_to(cli, _run)
