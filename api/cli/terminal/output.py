"""The output of commands: results as text or JSON on standard output, and problems on standard error."""

from __future__ import annotations

import re
from typing import Annotated, NoReturn

import orjson
import typer
from rich.console import Console

from rules.text.characters import REPLACEMENT

out = Console()
err = Console(stderr=True)

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""The control characters except tab and line feed. In a name from a file, they could change the state of the terminal.
"""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def say(message: str) -> None:
    out.print(_CONTROL.sub(REPLACEMENT, message), markup=False, highlight=False, soft_wrap=True)


def say_json(content: object) -> None:
    """Print `content` as one indented JSON document.

    Scripts rely on the fields of the document, so a new version must not rename or remove a field.
    """
    typer.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z, default=str))


def warn(message: str, *, style: str | None = None) -> None:
    err.print(_CONTROL.sub(REPLACEMENT, message), style=style, markup=False, highlight=False, soft_wrap=True)


def fail(message: str) -> NoReturn:
    """Print `message` on standard error, and exit with code 1."""
    warn(message, style="red")
    raise typer.Exit(1)
