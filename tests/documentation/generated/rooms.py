"""Generate the tables of layers and rooms in the documents from the docstrings of the packages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.documentation.references import versioned
from tests.support.processes.commands import ROOT

LAYERS = ("api", "resolvers", "services", "models", "rules")
ARCHITECTURE = ROOT / "docs" / "architecture.md"
CONTRIBUTING = ROOT / "docs" / "contributing.md"


def rooms() -> dict[str, str]:
    """Return the folders of each layer in the layers' order, with the first line of the package's docstring."""
    packages = sorted(path.removesuffix("/__init__.py") for path in versioned("/__init__.py"))
    return {room: _docstring(room) for layer in LAYERS for room in packages if room.startswith(f"{layer}/")}


def with_tables(document: Path) -> str:
    """Return the document's text with its table of layers or rooms replaced by the table for the present tree."""
    layers = {
        layer: ", ".join(room.partition("/")[2] for room in rooms() if room.startswith(f"{layer}/")) for layer in LAYERS
    }
    text = _with_rows(
        document.read_text(), "| layer | rooms |", {f"{layer}/": names for layer, names in layers.items()}
    )
    return _with_rows(text, "| room | what it holds |", {f"{room}/": holds for room, holds in rooms().items()})


def _docstring(room: str) -> str:
    tree = ast.parse((ROOT / room / "__init__.py").read_text())
    return (ast.get_docstring(tree) or "").partition("\n")[0]


def _with_rows(text: str, head: str, rows: dict[str, str]) -> str:
    table = "".join(f"| `{name}` | {value} |\n" for name, value in rows.items())
    return re.sub(rf"({re.escape(head)}\n\|---\|---\|\n)(?:\|.*\n)*", lambda match: match[1] + table, text)
