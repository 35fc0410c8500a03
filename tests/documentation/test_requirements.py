"""Each requirement number in the repository is defined in the requirements, and a test names each requirement."""

from __future__ import annotations

import re

import pytest

from tests.documentation.references import versioned
from tests.support.processes.commands import ROOT

NUMBER = re.compile(r"(?<![\w-])[KLTWE]\d{1,2}\b(?!:)")
"""A pattern for requirement numbers. It does not match the hour in `T09:00` or the week in `2026-W09-7`."""

STATEMENT = re.compile(r'^- <a id="(\w+)"></a>\*\*(\w+)\*\* (.+)$', re.MULTILINE)
STATEMENTS = STATEMENT.findall((ROOT / "docs" / "requirements.md").read_text())
LAST = {"K": 33, "L": 14, "E": 19, "T": 22, "W": 15}


def named(*endings: str) -> dict[str, str]:
    """Return each requirement number in files with the given endings, with one file that names it."""
    paths = [path for path in versioned(*endings) if not path.startswith("tests/public_cases/corpora/")]
    return {
        number: path
        for path in paths
        if path != "docs/requirements.md"
        for number in NUMBER.findall((ROOT / path).read_text())
    }


def test_every_number_has_one_statement_and_an_anchor_of_its_name() -> None:
    anchors, numbers, _ = zip(*STATEMENTS, strict=True)

    assert list(anchors) == list(numbers)
    assert list(numbers) == [f"{letter}{n}" for letter, last in LAST.items() for n in range(1, last + 1)]


def test_every_number_that_code_tests_or_documents_name_has_a_statement() -> None:
    known = {number for _, number, _ in STATEMENTS}

    assert {number: path for number, path in named(".py", ".md", ".graphql").items() if number not in known} == {}


def test_a_test_names_each_statement_that_is_not_planned() -> None:
    proved = {
        number for number, path in named(".py").items() if path.startswith("tests/") and "documentation" not in path
    }
    planned = {number for _, number, text in STATEMENTS if text.endswith("*(planned)*")}

    assert {number for _, number, _ in STATEMENTS} - proved == planned


@pytest.mark.parametrize("text", ["(K12)", "# T7, L9", "see W10."])
def test_a_number_is_noticed_in_parentheses_comments_and_prose(text: str) -> None:
    assert NUMBER.findall(text)


@pytest.mark.parametrize("text", ["2026-02-01T09:00:00", "2026-W09-7", "TEXT1", "T20a"])
def test_times_and_other_names_are_no_numbers(text: str) -> None:
    assert not NUMBER.findall(text)
