"""Commands that set up a database: its tables, the demo, or the first MSSP, staff and portals."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from api.cli import command_runner
from api.cli.command_runner import run
from api.cli.commands import CommandGroup
from api.cli.demo import BenchmarkSize, load_demo
from api.cli.terminal import password_prompt
from api.cli.terminal.output import AsJson, fail, say, say_json
from api.cli.terminal.progress import bar
from api.parts import Parts
from models.db.migrate import has_search_index
from models.db.migrate import migrate as apply_migrations
from rules.access import Role
from rules.global_ids import text_of
from rules.lifecycle.licenses import UserKind
from rules.refusals import Refusal
from services.admin import setup
from services.admin.setup import NewPackage, NewUser
from services.housekeeping.run import Housekeeping

group = CommandGroup("Setup")

MsspOption = Annotated[str, typer.Option(help="Name of the MSSP, as given to create-mssp.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        allow_dash=True,
        help="File that holds the first password, 15 to 128 characters; - is standard input. Absent: it is asked for.",
    ),
]
PrintId = Annotated[bool, typer.Option("--json", help="Print the new id as JSON, for scripts.")]


NO_SEARCH_INDEX = (
    "Searches read each user of a list: this database has no modules for an index of search texts. In PostgreSQL they"
    " are pg_trgm and btree_gin, of its contrib package. Install them and run gatehouse migrate again."
)


@group.command(example="gatehouse migrate", then="gatehouse demo, or gatehouse create-mssp for a system of your own.")
def migrate(as_json: AsJson = False) -> None:
    """Apply the missing migrations to the database. The command can be repeated, and several runs at one time are safe."""

    async def body(parts: Parts) -> tuple[list[str], bool]:
        with bar("Migrations") as progress:
            applied = await apply_migrations(progress=progress)
        await Housekeeping(parts.runtime).register()  # before a new database has users
        return applied, await has_search_index()

    applied, has_index = run(body, migrated=False)
    if as_json:
        return say_json({"applied": applied, "searchIndex": has_index})
    say(f"Applied: {', '.join(applied)}" if applied else "Nothing to apply.")
    if not has_index:
        say(NO_SEARCH_INDEX)


@group.command(example="gatehouse demo --if-empty", then="gatehouse serve, which prints the demo's accounts.")
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
    if command_runner.settings().env != "development":
        refusal = "The demo's passwords are public: it loads in development only."
        if not if_empty:
            fail(refusal)
        return say(refusal)

    async def body(parts: Parts) -> str:
        return await load_demo(parts, load=BenchmarkSize.of(portals, users), if_empty=if_empty)

    say(run(body))


@group.command("create-mssp", example='gatehouse create-mssp "Example Security"', then="gatehouse create-staff.")
def create_mssp(
    name: Annotated[str, typer.Argument(help="The provider's name.")],
    as_json: PrintId = False,
) -> None:
    """Create an MSSP (a provider of portals), the first step of setting up a new system."""
    id = run(lambda parts: setup.create_mssp(parts.runtime, name), command="create-mssp")
    _say_made("Mssp", id, f"MSSP {name} is set up. Next: gatehouse create-staff", as_json=as_json)


@group.command(
    "create-staff",
    example='gatehouse create-staff --mssp "Example Security" --email ada@example.com --name "Ada Adams"',
    then="gatehouse create-portal.",
)
def create_staff(
    mssp: MsspOption,
    email: Annotated[str, typer.Option(help="The e-mail address to sign in with.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    password_file: PasswordFile = None,
    technician: Annotated[bool, typer.Option("--technician", help="A technician instead of an MSSP admin.")] = False,
    portal: Annotated[
        list[str] | None, typer.Option(help="Slug of a portal that the technician looks after; repeat it.")
    ] = None,
    as_json: PrintId = False,
) -> None:
    """Create a member of an MSSP's staff: an admin of all portals of the MSSP, or a technician of some of them."""
    password_hash = _password_hash(password_file, email, name)
    id = run(
        lambda parts: setup.create_staff(
            parts.runtime,
            mssp=mssp,
            email=email,
            name=name,
            role=Role.MSSP_TECHNICIAN if technician else Role.MSSP_ADMIN,
            portals=portal or (),
            password_hash=password_hash,
        ),
        command="create-staff",
    )
    _say_made("StaffMember", id, f"{email} can sign in, without a portalSlug.", as_json=as_json)


@group.command(
    "create-portal",
    example='gatehouse create-portal --mssp "Example Security" --slug harbour --name "Harbour Logistics"'
    " --admin-email pia@harbour.example --admin-first-name Pia --seats 25",
    then="gatehouse serve, and sign in as the admin.",
)
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
    support: Annotated[str | None, typer.Option(help="Contact that its admins ask for more seats.")] = None,
    as_json: PrintId = False,
) -> None:
    """Create a portal with its first license package and its first admin. The admin holds no seat."""
    password_hash = _password_hash(password_file, admin_email, admin_first_name, admin_last_name, name, slug)
    id = run(
        lambda parts: setup.create_portal(
            parts.runtime,
            mssp=mssp,
            slug=slug,
            name=name,
            admin=NewUser(
                username=admin_email,
                email=admin_email,
                first_name=admin_first_name,
                last_name=admin_last_name,
                kind=UserKind.INTERNAL,
                role=Role.PORTAL_ADMIN,
                password_hash=password_hash,
            ),
            package=NewPackage(package, seats),
            support=support,
        ),
        command="create-portal",
    )
    _say_made("Portal", id, f'{admin_email} can sign in, with portalSlug "{slug}".', as_json=as_json)


def _say_made(type_name: str, id: UUID, sentence: str, *, as_json: bool) -> None:
    if as_json:
        say_json({"id": text_of(type_name, id)})
    else:
        say(sentence)


def _password_hash(file: Path | None, *words: str | None) -> str:
    try:
        return password_prompt.hashed_password(file, *(word for word in words if word))
    except Refusal as refusal:
        fail(refusal.message)
