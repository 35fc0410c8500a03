"""The tables of layers and rooms are true to the tree."""

from __future__ import annotations

import ast

import pytest

from tests.documentation.references import versioned
from tests.support.commands import ROOT

LAYERS = ("api", "resolvers", "services", "models", "rules")


def rooms() -> dict[str, str]:
    """Return the folders of each layer in the layers' order, with the first line of the package's docstring."""
    found = {}
    for layer in LAYERS:
        for path in sorted(versioned("/__init__.py")):
            folder = path.removesuffix("/__init__.py")
            if folder.startswith(f"{layer}/"):
                docstring = ast.get_docstring(ast.parse((ROOT / path).read_text())) or ""
                found[folder] = docstring.partition("\n")[0]
    return found


def rows_of_rooms() -> str:
    return "\n".join(f"| `{room}/` | {text} |" for room, text in rooms().items())


def rows_of_layers() -> str:
    names = {layer: [room.partition("/")[2] for room in rooms() if room.startswith(f"{layer}/")] for layer in LAYERS}
    return "\n".join(f"| `{layer}/` | {', '.join(names[layer])} |" for layer in LAYERS)


@pytest.mark.parametrize("room", rooms())
def test_every_room_says_what_it_holds(room: str) -> None:
    assert rooms()[room], f"write a docstring in {room}/__init__.py"


def test_contributors_find_every_room() -> None:
    text = (ROOT / "docs" / "contributing.md").read_text()

    assert rows_of_rooms() in text, f"the table of rooms in docs/contributing.md is:\n{rows_of_rooms()}"


def test_the_architecture_names_the_rooms_of_each_layer() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()

    assert rows_of_layers() in text, f"the table of layers in docs/architecture.md is:\n{rows_of_layers()}"
