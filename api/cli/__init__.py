"""The commands of `gatehouse`. Each module with a CommandGroup adds its commands to a panel of `gatehouse --help`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from api.cli import accounts, files, housekeeping, inspection, keys, mail, servers, setup
from api.cli.terminal.output import err, say
from api.core.version import VERSION
from api.settings.private_files import make_private


def print_version(is_asked: bool) -> None:
    """If `is_asked`, print the version and exit."""
    if is_asked:
        say(f"gatehouse {VERSION}")
        raise typer.Exit


cli = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Gatehouse runs the users of many customer portals.\n\n"
    "Settings are environment variables; gatehouse config prints every one with its value and where that came from.",
    epilog="First steps: gatehouse migrate, then gatehouse demo, then gatehouse serve.\n\n"
    "Exit codes: 0 all is well, 1 it could not be done or differences were found, 2 wrong usage.",
)


@cli.callback()
def options(
    shows_version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    """Declare the options that precede the name of a command."""


for module in (servers, setup, files, inspection, accounts, housekeeping, keys):
    cli.add_typer(module.group.commands)
cli.add_typer(
    mail.group.commands,
    name="mail",
    no_args_is_help=True,
    rich_help_panel="Maintenance",
    help="List queued mail, and send again mail that was given up.",
    epilog="Example: gatehouse mail list\n\nNext: gatehouse mail retry --all, once the cause is removed.\n\n"
    "Exit codes: 0 done, 1 some stayed as they were, 2 wrong usage.",
)


def main() -> None:
    """Run the `gatehouse` command line.

    Exit with code 1 and a message if a command cannot do its work, and with code 2 for wrong usage.
    """
    if any("\udc80" <= character <= "\udcff" for argument in sys.argv for character in argument):
        err.print("The arguments must be UTF-8.", style="red")
        raise SystemExit(2)
    make_private()
    cli()
