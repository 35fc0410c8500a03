"""Commands that export users to a CSV file, and commands that import users from a CSV file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Any

import typer

from api.cli.command_runner import Impossible, run
from api.cli.commands import CommandGroup
from api.cli.terminal.output import AsJson, fail, say, say_json, warn
from api.cli.terminal.progress import bar
from api.parts import Parts
from models.links.table import Delivery
from rules.access import Role
from rules.csv.reading import MOST_BYTES
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Category
from rules.outcomes import OutcomeStatus
from rules.refusals import Refusal
from rules.text.characters import single_spaced
from services.admin.acting import acting_as
from services.bulk.plan import RunOptions
from services.csv.file_rows import RowDefaults, UploadedFile
from services.csv.user_import import ImportOptions
from services.onboarding.invitations import InvitationOptions

group = CommandGroup("Users")

STANDARD_STREAM = Path("-")


class Delimiter(StrEnum):
    """The delimiters of a file. The operator types the value of a member, such as `comma`."""

    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"


DELIMITERS = {Delimiter.COMMA: ",", Delimiter.SEMICOLON: ";", Delimiter.TAB: "\t"}


class PortalRoleName(StrEnum):
    """The roles that an import can give."""

    PORTAL_ADMIN = Role.PORTAL_ADMIN.value
    PORTAL_USER = Role.PORTAL_USER.value


Account = Annotated[
    str,
    typer.Option(
        "--as",
        help="Login of the account that acts: a member of staff, or an admin of --portal. Its rights apply, and the"
        " audit log names it.",
    ),
]


@group.command(
    "export-users",
    example="gatehouse export-users users.csv --as ada@example.com --portal harbour",
    then="open the file in a spreadsheet, or import it into another portal.",
)
def export_users(
    file: Annotated[Path, typer.Argument(allow_dash=True, help="The file to write; - is standard output.")],
    login: Account,
    portal: Annotated[str | None, typer.Option(help="Slug of the portal. Absent: all portals of the account.")] = None,
    category: Annotated[Category | None, typer.Option(help="Only users in this category.")] = None,
    search: Annotated[str | None, typer.Option(help="Words of names, usernames and addresses.")] = None,
    conditions: Annotated[str | None, typer.Option("--filter", help="A UserFilter of the schema, as JSON.")] = None,
    columns: Annotated[str | None, typer.Option(help="Names of columns, separated by commas.")] = None,
    delimiter: Annotated[Delimiter, typer.Option(help="What separates the cells.")] = Delimiter.COMMA,
) -> None:
    """Write users to a CSV file that is safe in spreadsheets.

    An existing file is replaced only after a complete export.
    """
    named = {"portalSlug": portal, "category": category, "search": search, "filter": conditions}
    given = {name: str(value) for name, value in named.items() if value is not None}

    async def body(parts: Parts) -> int:
        from api.cli import user_files

        async with acting_as(parts.runtime, parts.ports, login, portal, "export-users") as actor:
            with bar("Users") as progress, _written(file) as write:
                chosen = columns.split(",") if columns is not None else None
                return await user_files.export_users(
                    parts, actor, given, chosen, DELIMITERS[delimiter], write, progress
                )

    rows = run(body, command="export-users")
    if file != STANDARD_STREAM:
        say(f"{rows:,} {'user is' if rows == 1 else 'users are'} in {file}.")


@contextmanager
def _written(file: Path) -> Iterator[Callable[[str], Any]]:
    """Yield a function that writes text to the file, or to standard output for `-`.

    If the body of the `with` statement raises an exception, an existing file stays unchanged. Raise Impossible if the
    file cannot be written.
    """
    if file == STANDARD_STREAM:
        yield lambda text: sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return
    try:
        # The name is new, and the file readable by its owner only: it holds personal data.
        with NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=file.parent, prefix=f"{file.name}.", delete=False
        ) as stream:
            part = Path(stream.name)
            try:
                yield stream.write
                stream.close()
                part.replace(file)
            finally:
                part.unlink(missing_ok=True)
    except OSError as problem:
        raise Impossible(f"Cannot write {file}: {problem.strerror}.") from None


@group.command(
    "import-users",
    example="gatehouse import-users users.csv --as ada@example.com --portal harbour --dry-run",
    then="the same without --dry-run.",
    fails="the file is wrong, or rows were skipped",
)
def import_users(
    file: Annotated[Path, typer.Argument(allow_dash=True, help="The CSV file; - is standard input.")],
    login: Account,
    portal: Annotated[str, typer.Option(help="Slug of the portal that the users are added to.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; tell what would be done.")] = False,
    delivery: Annotated[Delivery, typer.Option(help="How invitations are delivered.")] = Delivery.EMAIL,
    trust_stored_email: Annotated[
        bool, typer.Option("--trust-stored-email", help="The addresses in the file are known to be right.")
    ] = False,
    role: Annotated[PortalRoleName, typer.Option(help="For rows without a role.")] = PortalRoleName.PORTAL_USER,
    kind: Annotated[UserKind, typer.Option(help="For rows without a kind.")] = UserKind.EXTERNAL,
    reason: Annotated[str, typer.Option(help="Why, for the audit log.")] = "gatehouse import-users",
    ticket: Annotated[str | None, typer.Option(help="The number of a ticket, for the audit log.")] = None,
    key: Annotated[
        str | None, typer.Option("--idempotency-key", help="To run a file again within a day, take a new key.")
    ] = None,
    ignore_unknown: Annotated[
        bool, typer.Option("--ignore-unknown-columns", help="Leave out columns whose names are not known.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add and invite the users of a CSV file.

    If the file is imported again within 24 hours, its rows are not added again.
    """
    content = _read(file)
    options = ImportOptions(
        portal_id=None,
        portal_slug=portal,
        invitation=InvitationOptions(delivery, trust_stored_email=trust_stored_email),
        bulk=RunOptions(dry_run=dry_run, idempotency_key=key, reason=reason, ticket=ticket),
        defaults=RowDefaults(Role(role.value), kind),
    )

    async def body(parts: Parts) -> dict[str, Any]:
        from api.cli import user_files

        async with acting_as(parts.runtime, parts.ports, login, portal, "import-users") as actor:
            with bar("Users") as progress:
                uploaded = UploadedFile(content, ignore_unknown)
                try:
                    return await user_files.import_users(parts, actor, uploaded, options, progress)
                except Refusal as refusal:
                    raise Impossible("\n".join(fault.message for fault in refusal.faults)) from None

    found = run(body, command="import-users")
    if as_json:
        say_json(found)
    _tell(found, dry_run=dry_run, as_json=as_json)


def _read(file: Path) -> bytes:
    try:
        if file == STANDARD_STREAM:
            content = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with file.open("rb") as stream:
                content = stream.read(MOST_BYTES + 1)
    except OSError as problem:
        fail(f"Cannot read {file}: {problem.strerror}.")
    if len(content) > MOST_BYTES:
        fail(f"{file} is longer than {MOST_BYTES:,} bytes.")
    return content


def _tell(found: dict[str, Any], *, dry_run: bool, as_json: bool) -> None:
    skipped = [row for row in found["rows"] if row["status"] != OutcomeStatus.SUCCEEDED]
    done = len(found["rows"]) - len(skipped)
    if not as_json:
        for row in found["rows"]:
            if row["inviteLink"]:
                say(single_spaced(f"Line {row['line']}: {row['label']}: {row['inviteLink']}"))
        for row in skipped:
            warn(single_spaced(f"Line {row['line']}: {row['message']}"))
        again = " This is what an earlier import of the file did." if found["replayed"] else ""
        rows = len(found["rows"]) + found["notReached"]
        say(f"{done:,} of {rows:,} rows {'would succeed' if dry_run else 'succeeded'}.{again}")
    if skipped:
        warn(f"Skipped: {len(skipped):,}.", style="red")
    if found["errors"]:
        warn("\n".join([f"Not reached: {found['notReached']:,}.", *found["errors"]]), style="red")
    if skipped or found["errors"]:
        raise typer.Exit(1)
