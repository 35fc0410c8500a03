"""Commands that inspect an installation: print the settings and the schema, check counts and stored secrets."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.command_runner import run
from api.cli.commands import CommandGroup
from api.cli.keys import unopened
from api.cli.terminal.output import AsJson, fail, say, say_json, warn
from api.cli.terminal.progress import bar
from api.parts import Parts
from api.settings.report import Report, report
from rules.audit.checkpoints import checkpoints_in
from services.admin import doctor as checks
from services.admin import key_rotation
from services.audit_chain import verification

group = CommandGroup("Maintenance")


@group.command(
    example="gatehouse config",
    then="set what is at fault, and look again.",
    fails="settings that the server would not start with",
)
def config(as_json: AsJson = False) -> None:
    """Print every setting with its value and the source of the value. Secrets are hidden."""
    found = report()
    if as_json:
        say_json(found.as_json())
    else:
        _print(found)
    if found.faults:
        fail("\n".join(found.faults))


def _print(found: Report) -> None:
    rows = [(each.variable, each.shown, each.origin) for each in found.settings]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for variable, shown, origin in rows:
        say(f"{variable:<{widths[0]}}  {shown:<{widths[1]}}  {origin}")


@group.command(
    example="gatehouse doctor",
    then="all is well when nothing is printed; report a difference together with the log of that day.",
    fails="differences were found",
)
def doctor(
    checkpoints: Annotated[
        typer.FileText | None,
        typer.Option(
            encoding="utf-8",
            errors="replace",
            help="Also compare the checkpoints in this file, such as a log; - is standard input.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare stored counts with the users, check the audit log's chains, and try to decrypt the stored secrets.

    Print each difference. Exit with code 1 if a difference is found.
    """

    async def body(parts: Parts) -> tuple[list[str], list[str]]:
        with bar("Portals") as progress:
            found = await checks.find_wrong_values(parts.runtime, progress)
        with bar("Audit logs") as progress:
            chains = await verification.check_all(parts.runtime, progress)
        found += chains.faults
        for line in checkpoints or ():
            found += await verification.compare(parts.runtime, checkpoints_in(line))
        return found + unopened(await key_rotation.count_secrets(parts.ports.encryption)), chains.notes

    found, notes = run(body)
    if as_json:
        say_json({"differences": found, "notes": notes})
    else:
        for line in notes:
            say(line)
        for line in found:
            warn(line)
    if found:
        fail(f"{len(found)} {'difference' if len(found) == 1 else 'differences'}.")


@group.command(example="gatehouse schema > schema.graphql", then="generate a client's types from it.")
def schema() -> None:
    """Print the GraphQL schema of this version."""
    from api import app as server  # slow to import: it makes every type of the schema

    typer.echo(server.schema(introspection=True).as_str())
