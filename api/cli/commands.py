"""Registration of commands. Each command has a panel in the help, an example and a next step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import typer

Command = TypeVar("Command", bound=Callable[..., Any])


class CommandGroup:
    """The commands of one panel of `gatehouse --help`. `api/cli/__init__.py` adds the groups of all modules."""

    def __init__(self, title: str) -> None:
        self._title = title
        self.commands = typer.Typer()

    def command(
        self, name: str | None = None, *, example: str, then: str, fails: str = "it could not be done"
    ) -> Callable[[Command], Command]:
        """Return a decorator that registers a function as a command.

        The command's help shows `example`, `then` (the next step) and `fails` (the meaning of exit code 1).
        """
        epilog = f"Example: {example}\n\nNext: {then}\n\nExit codes: 0 done, 1 {fails}, 2 wrong usage."
        return self.commands.command(name, rich_help_panel=self._title, epilog=epilog)
