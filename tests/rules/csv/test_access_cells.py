"""The entries in a cell about access are read as the export writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.csv.access_cells import cell_of, entries_of, entry_text
from rules.grants.kinds import GrantableKind

NAMES = st.text(st.sampled_from("ab:|\\ ,;"), min_size=1, max_size=6).map(str.strip).filter(bool)


@given(st.lists(NAMES, max_size=4))
def test_what_is_written_into_a_cell_is_read_from_it(entries: list[str]) -> None:
    assert entries_of(cell_of(entries)) == entries


@given(NAMES, NAMES, NAMES, NAMES)
def test_no_two_app_roles_have_the_same_text(app: str, name: str, other_app: str, other_name: str) -> None:
    text, other = (entry_text(GrantableKind.APP_ROLE, *role) for role in ((app, name), (other_app, other_name)))

    assert (text == other) is ((app, name) == (other_app, other_name))


def test_an_app_role_without_a_colon_in_its_app_has_no_backslash() -> None:
    assert entry_text(GrantableKind.APP_ROLE, "Wiki", "Editor: all") == "Wiki:Editor: all"
    assert entry_text(GrantableKind.APP_ROLE, "Wiki: old", "Editor") == r"Wiki\: old:Editor"


@pytest.mark.parametrize(("cell", "entries"), [("", []), (" | ", []), (" a | b ", ["a", "b"]), ("a|", ["a"])])
def test_blanks_and_empty_entries_are_left_out(cell: str, entries: list[str]) -> None:
    assert entries_of(cell) == entries
