"""The command line: run it, set it up, look after it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, NoReturn, TypeVar

import typer
import uvicorn
from rich.console import Console

from api import app as server
from api import dev
from api.app import Gatehouse
from api.passwords import hash_now
from api.settings import Settings, SettingsError, load
from models.database import database, unavailable
from models.migrate import migrate as apply_migrations
from models.migrate import pending
from rules.access import Role
from rules.licenses import Kind
from rules.refusals import Refusal
from services import demo as demo_cast
from services import doctor as checks
from services import setup
from services.setup import NewUser, Seats
from services.sign_in import Caller

T = TypeVar("T")

cli = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Gatehouse runs the users of many customer portals. Settings are environment variables: GATEHOUSE_ENV, …_HOST,"
    " …_PORT, …_DATA_DIR, …_DATABASE_URL, …_SECRET_KEY.",
)
out = Console()
err = Console(stderr=True)

MsspOption = Annotated[str, typer.Option(help="Name of the MSSP, as given to create-mssp.")]
PasswordOption = Annotated[
    str,
    typer.Option(
        help="The first password, at least 15 characters.", prompt=True, hide_input=True, confirmation_prompt=True
    ),
]


def main() -> None:
    """The `gatehouse` command; exits 1 with a sentence when a command cannot do its work, 2 for wrong usage."""
    cli()


def _fail(message: str) -> NoReturn:
    err.print(message, style="red", markup=False, highlight=False)
    raise typer.Exit(1)


def _settings() -> Settings:
    try:
        return load()
    except SettingsError as problem:
        _fail(str(problem))


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
    try:
        settings = load(**given)
    except SettingsError as problem:
        _fail(str(problem))
    _greet(settings, is_demo=_run(_is_demo))
    uvicorn.run(
        server.app(server.gatehouse(settings)),
        host=settings.host,
        port=settings.port,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=15,
        ws="none",
        log_level="warning" if settings.env == "development" else "info",
    )


async def _is_demo(_: Gatehouse) -> bool:
    return await demo_cast.is_loaded()


def _greet(settings: Settings, *, is_demo: bool) -> None:
    address = f"http://{settings.host}:{settings.port}/graphql"
    out.print(f"Gatehouse serves {address}", highlight=False)
    if settings.env != "development":
        return
    out.print("  In a browser that is GraphiQL, signed in, with examples to play.", highlight=False)
    if is_demo:
        out.print(f"\nDemo accounts, password [bold]{demo_cast.PASSWORD}[/bold]:", highlight=False)
        for email, slug, who in demo_cast.ACCOUNTS:
            place = f'portalSlug "{slug}"' if slug else "no portalSlug"
            out.print(f"  {email:<28}{place:<22}{who}", highlight=False)
    out.print("\nStop with Ctrl-C.", highlight=False)


@cli.command()
def migrate() -> None:
    """Bring the database's tables up to date; safe to repeat and to run twice at once."""

    async def body(_: Gatehouse) -> list[str]:
        return await apply_migrations()

    applied = _run(body, migrated=False)
    out.print(f"Applied: {', '.join(applied)}" if applied else "Nothing to apply.")


@cli.command()
def demo(
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Do nothing where something is set up already.")] = False,
) -> None:
    """Load two MSSPs with four portals and about 360 users into an empty database."""
    if _settings().env != "development":
        _fail("The demo's passwords are public: it loads in development only.")

    async def body(parts: Gatehouse) -> bool:
        if if_empty and not await demo_cast.is_empty():
            return False
        await demo_cast.load(parts.work, hash_now(demo_cast.PASSWORD))
        return True

    out.print("The demo is loaded." if _run(body) else "The database is in use already; no demo is loaded.")


@cli.command("create-mssp")
def create_mssp(name: Annotated[str, typer.Argument(help="The provider's name.")]) -> None:
    """Set up a provider: the first thing in a system of one's own."""
    _run(lambda parts: setup.create_mssp(parts.work, name))
    out.print(f"MSSP {name} is set up. Next: gatehouse create-staff", markup=False, highlight=False)


@cli.command("create-staff")
def create_staff(
    mssp: MsspOption,
    email: Annotated[str, typer.Option(help="The e-mail address to sign in with.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    password: PasswordOption,
    technician: Annotated[bool, typer.Option("--technician", help="A technician instead of an MSSP admin.")] = False,
    portal: Annotated[
        list[str] | None, typer.Option(help="Slug of a portal that the technician looks after; repeat it.")
    ] = None,
) -> None:
    """Set up a member of an MSSP's staff: an admin of all its portals, or a technician of some."""
    _run(
        lambda parts: setup.create_staff(
            parts.work,
            mssp=mssp,
            email=email,
            name=name,
            role=Role.MSSP_TECHNICIAN if technician else Role.MSSP_ADMIN,
            portals=portal or (),
            password_hash=_hashed(password),
        )
    )
    out.print(f"{email} can sign in, without a portalSlug.", markup=False, highlight=False)


@cli.command("create-portal")
def create_portal(
    mssp: MsspOption,
    slug: Annotated[str, typer.Option(help="Short name for addresses and sign-in: a-z, 0-9 and -.")],
    name: Annotated[str, typer.Option(help="The portal's name for people.")],
    admin_email: Annotated[str, typer.Option(help="E-mail address of the portal's first admin.")],
    admin_first_name: Annotated[str, typer.Option(help="First name of the portal's first admin.")],
    password: PasswordOption,
    admin_last_name: Annotated[str | None, typer.Option(help="Last name of the portal's first admin.")] = None,
    package: Annotated[str, typer.Option(help="Name of the first license package.")] = "Standard",
    seats: Annotated[int, typer.Option(help="Seats in it.", min=1)] = 10,
    support: Annotated[str | None, typer.Option(help="Whom its admins ask for more seats.")] = None,
) -> None:
    """Set up a portal with its first admin, who holds no seat, and its first license package."""
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
                password_hash=_hashed(password),
            ),
            package=Seats(package, seats),
            support=support,
        )
    )
    out.print(f'{admin_email} can sign in, with portalSlug "{slug}".', markup=False, highlight=False)


def _hashed(password: str) -> str:
    if not 15 <= len(password) <= 128:
        _fail("A password has 15 to 128 characters.")
    return hash_now(password)


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
        err.print(line, markup=False, highlight=False)
    if found:
        _fail(f"{len(found)} differences.")


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
