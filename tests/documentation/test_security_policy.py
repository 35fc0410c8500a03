"""Each promise of SECURITY.md names an existing test that checks the promise."""

from __future__ import annotations

import ast
import re

from tests.support.processes.commands import ROOT

TEXT = (ROOT / "SECURITY.md").read_text()


def promises() -> dict[str, list[tuple[str, str]]]:
    """Return the table of SECURITY.md: each promise with the tests of it, as pairs of a file and a function."""
    (_, _, table) = TEXT.partition("## What is promised")
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", table, flags=re.MULTILINE)
    return {promise: re.findall(r"`([\w/]+\.py)::(\w+)`", tests) for promise, tests in rows if promise != "promise"}


def test_every_promise_is_held_by_tests_that_exist() -> None:
    named = promises()

    assert named
    for promise, tests in named.items():
        assert tests, promise
        for file, function in tests:
            tree = ast.parse((ROOT / file).read_text())
            assert function in {
                node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            }, f"{promise} {file}::{function}"


def test_every_page_that_the_policy_leads_to_exists() -> None:
    for file, anchor in re.findall(r"\]\(([\w/.]+)(?:#([\w-]+))?\)", TEXT):
        headings = re.findall(r"^#+ (.+)$", (ROOT / file).read_text(), flags=re.MULTILINE)

        assert not anchor or anchor in {heading.lower().replace(" ", "-") for heading in headings}
