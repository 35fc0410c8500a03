"""The files and symbols in the table "Where to look" of docs/architecture.md exist."""

from __future__ import annotations

import re

import pytest

from tests.documentation.references import names_defined_in
from tests.support.processes.commands import ROOT

TEXT = (ROOT / "docs" / "architecture.md").read_text()
SECTION = TEXT.split("\n## Where to look\n")[1].split("\n## ")[0]
ROWS = re.findall(r"^\| (.+\?) \| `([\w/.]+)`(?: `(\w+)`)? \| (.+) \|$", SECTION, flags=re.MULTILINE)


def test_each_row_has_a_question_a_place_and_an_answer() -> None:
    assert len(ROWS) >= 20
    assert len(ROWS) == SECTION.count("\n| ") - 1


@pytest.mark.parametrize(("question", "path", "name"), [row[:3] for row in ROWS])
def test_each_question_leads_to_a_file_and_a_symbol_that_exist(question: str, path: str, name: str) -> None:
    assert (ROOT / path).exists(), question
    assert not name or name in names_defined_in(path), question


@pytest.mark.parametrize(("question", "path", "answer"), [(row[0], row[1], row[3]) for row in ROWS])
def test_each_symbol_of_an_answer_is_in_a_file_that_the_row_names(question: str, path: str, answer: str) -> None:
    files = [path, *re.findall(r"`([\w/]+\.py)`", answer)]

    defined = {name for file in files for name in names_defined_in(file)}

    assert [name for name in re.findall(r"`(\w+)`", answer) if name not in defined] == [], question


@pytest.mark.parametrize(("question", "answer"), [(row[0], row[3]) for row in ROWS])
def test_each_answer_is_one_sentence(question: str, answer: str) -> None:
    assert answer.endswith("."), question
