"""The entries in a cell about access are read as they were written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.csv.access_cells import cell_of, entries_of

NAMES = st.text(st.sampled_from("ab:|\\ ,;"), min_size=1, max_size=6).map(str.strip).filter(bool)


@given(st.lists(NAMES, max_size=4))
def test_what_is_written_into_a_cell_is_read_from_it(entries: list[str]) -> None:
    assert entries_of(cell_of(entries)) == entries


@pytest.mark.parametrize(("cell", "entries"), [("", []), (" | ", []), (" a | b ", ["a", "b"]), ("a|", ["a"])])
def test_blanks_and_empty_entries_are_left_out(cell: str, entries: list[str]) -> None:
    assert entries_of(cell) == entries
