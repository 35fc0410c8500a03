"""The documents' tables of layers and rooms match the tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documentation.generated.rooms import ARCHITECTURE, CONTRIBUTING, rooms, with_tables


@pytest.mark.parametrize("room", rooms())
def test_every_room_says_what_it_holds(room: str) -> None:
    assert rooms()[room], f"write a docstring in {room}/__init__.py"


@pytest.mark.parametrize("document", [ARCHITECTURE, CONTRIBUTING], ids=lambda path: path.stem)
def test_the_table_of_rooms_is_true_to_the_tree(document: Path) -> None:
    text = document.read_text()

    assert text == with_tables(document), "run: make docs"
