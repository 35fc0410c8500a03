"""The output of commands: results as text or JSON on standard output, and problems on standard error."""

from __future__ import annotations

from typing import Annotated, NoReturn

import orjson
import typer
from rich.console import Console

out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def say(message: str) -> None:
    out.print(message, markup=False, highlight=False, soft_wrap=True)


def say_json(content: object) -> None:
    """Print `content` as one indented JSON document.

    Scripts rely on the fields of the document, so a new version must not rename or remove a field.
    """
    typer.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z, default=str))


def warn(message: str, *, style: str | None = None) -> None:
    err.print(message, style=style, markup=False, highlight=False, soft_wrap=True)


def fail(message: str) -> NoReturn:
    """Print `message` on standard error, and exit with code 1."""
    warn(message, style="red")
    raise typer.Exit(1)
