"""The files and symbols in the table "Where to look" of docs/architecture.md exist, and so does each dotted symbol."""

from __future__ import annotations

import re

import pytest

from tests.documentation.references import symbols_of, versioned
from tests.support.processes.commands import ROOT

TEXT = (ROOT / "docs" / "architecture.md").read_text()
SECTION = TEXT.split("\n## Where to look\n")[1].split("\n## ")[0]
SYMBOL = r"`((?!\w+\.(?:py|md|sql)`)\w+(?:\.\w+)?)`"
DOTTED_OR_PRIVATE = r"`((?:[A-Z]\w*\.\w+)|(?:_[a-z]\w*))`"
"""A pattern for a member of a class, or a private name, between backticks. File names do not match."""
LAYERS = ("api/", "models/", "resolvers/", "rules/", "services/")
ROWS = re.findall(r"^\| (.+\?) \| `([\w/.]+)`(?: `([\w.]+)`)? \| (.+) \|$", SECTION, flags=re.MULTILINE)


def test_each_row_has_a_question_a_place_and_an_answer() -> None:
    assert len(ROWS) >= 20
    assert len(ROWS) == SECTION.count("\n| ") - 1


@pytest.mark.parametrize(("question", "path", "name"), [row[:3] for row in ROWS])
def test_each_question_leads_to_a_file_and_a_symbol_that_exist(question: str, path: str, name: str) -> None:
    assert (ROOT / path).exists(), question
    assert not name or name in symbols_of(path), question


@pytest.mark.parametrize(("question", "path", "answer"), [(row[0], row[1], row[3]) for row in ROWS])
def test_each_symbol_of_an_answer_is_in_a_file_that_the_row_names(question: str, path: str, answer: str) -> None:
    files = [path, *re.findall(r"`([\w/]+\.py)`", answer)]

    defined = {name for file in files for name in symbols_of(file)}

    assert [name for name in re.findall(SYMBOL, answer) if name not in defined] == [], question


@pytest.mark.parametrize("document", ["architecture.md", "contributing.md", "glossary.md"])
def test_each_dotted_and_each_private_symbol_of_a_document_exists(document: str) -> None:
    defined = {name for path in versioned(".py") if path.startswith(LAYERS) for name in symbols_of(path)}
    named = re.findall(DOTTED_OR_PRIVATE, (ROOT / "docs" / document).read_text())

    assert [name for name in named if name not in defined] == []


def test_a_member_that_a_class_lacks_is_noticed() -> None:
    defined = symbols_of("api/graphql/documents.py")

    assert [name in defined for name in ("Document.operation", "Document.missing", "_operation")] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(("question", "answer"), [(row[0], row[3]) for row in ROWS])
def test_each_answer_is_one_sentence(question: str, answer: str) -> None:
    assert answer.endswith("."), question
