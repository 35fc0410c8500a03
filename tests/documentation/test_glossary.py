"""The glossary's terms have a home in the code."""

from __future__ import annotations

import ast
import re

import pytest

from tests.support.commands import ROOT

ROW = re.compile(r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \|$", re.MULTILINE)
ROWS = {term: home for term, _, home in ROW.findall((ROOT / "docs" / "glossary.md").read_text()) if term != "term"}
HOME = re.compile(r"`([\w/]+\.py)`(?: `(\w+)`)?")


def names_defined_in(path: str) -> set[str]:
    """Return the classes and functions that a module defines at its top level, and the methods of its classes."""
    tree = ast.parse((ROOT / path).read_text())
    blocks: list[ast.Module | ast.ClassDef] = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]
    return {
        node.name
        for block in blocks
        for node in block.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_the_glossary_has_the_terms_of_the_domain() -> None:
    assert len(ROWS) >= 25
    assert {"seat", "package", "target", "actor", "refusal", "outcome", "LOCKED_OUT", "SUSPENDED", "link"} <= set(ROWS)


@pytest.mark.parametrize("term", [term for term in ROWS if term != "---"])
def test_each_term_is_defined_where_the_glossary_says(term: str) -> None:
    homes = HOME.findall(ROWS[term])

    assert homes
    assert [path for path, _ in homes if not (ROOT / path).exists()] == []
    assert [(path, name) for path, name in homes if name and name not in names_defined_in(path)] == []
