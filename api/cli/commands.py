"""How commands are put together: a chapter for those that belong together, an example and a next step for each."""

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
        """Makes a function a command; `then` says what to do next, `fails` what exit code 1 means."""
        epilog = f"Example: {example}\n\nNext: {then}\n\nExit codes: 0 done, 1 {fails}, 2 wrong usage."
        return self.commands.command(name, rich_help_panel=self._title, epilog=epilog)
