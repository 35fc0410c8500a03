"""Registration of commands: groups, and for each command an example and a next step in its help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import typer

Command = TypeVar("Command", bound=Callable[..., Any])


class CommandGroup:
    """Commands that are one panel of `gatehouse --help`; `api/cli/__init__.py` names every module that has one."""

    def __init__(self, title: str) -> None:
        self._title = title
        self.commands = typer.Typer()

    def command(
        self, name: str | None = None, *, example: str, then: str, fails: str = "it could not be done"
    ) -> Callable[[Command], Command]:
        """Register a function as a command. `then` is the next step in its help, `fails` the meaning of exit code 1."""
        epilog = f"Example: {example}\n\nNext: {then}\n\nExit codes: 0 done, 1 {fails}, 2 wrong usage."
        return self.commands.command(name, rich_help_panel=self._title, epilog=epilog)
