"""The table in README.md names an existing test for every case."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
A_TEST = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)


def named() -> set[tuple[Path, str]]:
    """Return the file and the function name of each test that the table in README.md names."""
    found = re.findall(r"`([\w/.]+\.py)::(test_\w+)`", (HERE / "README.md").read_text())
    return {((ROOT if file.startswith("tests/") else HERE) / file, test) for file, test in found}


def test_every_case_names_a_test_that_exists() -> None:
    missing = [f"{file}::{test}" for file, test in named() if test not in A_TEST.findall(file.read_text())]

    assert missing == [], "name the test of the case in tests/public_cases/README.md"


def test_every_test_of_this_folder_stands_in_the_table() -> None:
    here = {(file, test) for file in HERE.rglob("test_*.py") for test in A_TEST.findall(file.read_text())}

    missing = {(file, test) for file, test in here if file != Path(__file__)} - named()

    assert missing == set(), "add the case to tests/public_cases/README.md"
