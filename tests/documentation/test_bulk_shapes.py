"""The table of the shapes of a bulk run in docs/architecture.md names existing classes and their files."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SECTION = "## The shapes of a bulk run"
MOST_SHAPES = 9


def rows() -> list[tuple[list[str], list[str]]]:
    """Return the class names and the file paths of each row of the table in docs/architecture.md about bulk runs."""
    section = (ROOT / "docs/architecture.md").read_text().split(SECTION)[1].split("\n## ")[0]
    cells = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return [(re.findall(r"`([^`]+)`", names), re.findall(r"`([^`]+)`", paths)) for names, _, paths in cells]


def test_each_shape_is_a_class_of_its_file() -> None:
    for names, paths in rows():
        text = "".join((ROOT / path).read_text() for path in paths)

        assert [name for name in names if not re.search(rf"^class {name}\b", text, re.MULTILINE)] == []


def test_a_user_passes_through_at_most_nine_shapes() -> None:
    assert 0 < len(rows()) <= MOST_SHAPES
