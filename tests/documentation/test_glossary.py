"""Each term of the glossary is defined in the code at the place that the glossary names."""

from __future__ import annotations

import re

import pytest

from tests.documentation.references import names_defined_in
from tests.support.processes.commands import ROOT

ROW = re.compile(r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \|$", re.MULTILINE)
ROWS = {term: home for term, _, home in ROW.findall((ROOT / "docs" / "glossary.md").read_text()) if term != "term"}
HOME = re.compile(r"`([\w/]+\.py)`(?: `(\w+)`)?")


def test_the_glossary_has_the_terms_of_the_domain() -> None:
    assert len(ROWS) >= 25
    assert {"seat", "package", "target", "actor", "refusal", "outcome", "LOCKED_OUT", "SUSPENDED", "link"} <= set(ROWS)


@pytest.mark.parametrize("term", [term for term in ROWS if term != "---"])
def test_each_term_is_defined_where_the_glossary_says(term: str) -> None:
    homes = HOME.findall(ROWS[term])

    assert homes
    assert [path for path, _ in homes if not (ROOT / path).exists()] == []
    assert [(path, name) for path, name in homes if name and name not in names_defined_in(path)] == []
