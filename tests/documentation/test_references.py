"""Files, symbols and anchors to which documents and comments refer exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.documentation.references import anchors, links, resolves, versioned
from tests.support.processes.commands import ROOT

DECISIONS = {path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md")}


@pytest.mark.parametrize("name", versioned(".md"))
def test_every_relative_link_and_anchor_resolves(name: str) -> None:
    targets = links((ROOT / name).read_text())

    assert [target for target in targets if not resolves(target, ROOT / name)] == []


def test_every_document_that_code_names_exists() -> None:
    named = [
        (name, target)
        for name in versioned(".py")
        for target in re.findall(r"\bdocs/[a-z/]+\.md(?:#[\w-]+)?", (ROOT / name).read_text())
    ]

    assert [(name, target) for name, target in named if not resolves(target, ROOT / "README.md")] == []


def test_every_decision_that_is_named_exists() -> None:
    named = [
        (name, number)
        for name in versioned(".py", ".md", ".toml")
        for number in re.findall(r"\bdecisions/(\d{4})|\b[Dd]ecision (\d+)\b", (ROOT / name).read_text())
    ]

    assert [(name, number) for name, number in named if "".join(number).zfill(4) not in DECISIONS] == []


def test_anchors_are_those_of_headings_and_those_that_are_written() -> None:
    text = '# One thing\n\n```sh\n# no heading\n```\n\n- <a id="K1"></a>**K1** It works.\n\n## Seats, and `tiles`\n'

    assert anchors(text) == {"one-thing", "K1", "seats-and-tiles"}


@pytest.mark.parametrize("target", ["missing.md", "#missing", "../missing.md#anchor", "requirements.md#nothing"])
def test_a_link_to_nothing_is_noticed(target: str) -> None:
    document: Path = ROOT / "docs" / "requirements.md"

    assert links(f"[text]({target})") == [target]
    assert not resolves(target, document)
