"""No cell of an exported file is read as a formula, whichever delimiter a program assumes."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.csv.cells import DELIMITERS, FORMULA_ESCAPE, escape_formulas, text_of_rows, unescape_formulas

FORMULAS = ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201"]
TEXTS = st.text(st.sampled_from("=+-@\t\r\n;,|'\" ab1\uff1d"), max_size=12)


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_that_begins_a_formula_gets_an_apostrophe(text: str) -> None:
    assert escape_formulas(text).startswith(FORMULA_ESCAPE + text[0])
    assert unescape_formulas(FORMULA_ESCAPE + text) == text


@pytest.mark.parametrize("text", ["", "Ann", "Ann-Marie", "a@b.test", "1+1", "'", "'Ann", " =1"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert (escape_formulas(text), unescape_formulas(text)) == (text, text)


@given(TEXTS)
def test_no_part_of_a_cell_behind_a_delimiter_begins_a_formula(text: str) -> None:
    parts = [escape_formulas(text)]
    for delimiter in ",;|\t\r\n":
        parts = [part for each in parts for part in each.split(delimiter)]

    assert [part for part in parts if part[:1] in ("=", "+", "-", "@", "\uff1d")] == []


@pytest.mark.parametrize("text", ['a;"=1', 'a,""-1', 'a\t"""@A1'])
def test_quotes_behind_a_delimiter_hide_no_formula(text: str) -> None:
    begin = text.index('"')

    assert escape_formulas(text) == text[:begin] + FORMULA_ESCAPE + text[begin:]


@given(st.lists(TEXTS, min_size=1, max_size=3), st.sampled_from(DELIMITERS), st.sampled_from(",;|\t"))
def test_no_cell_is_a_formula_for_a_program_that_expects_another_delimiter(
    cells: list[str], delimiter: str, expected: str
) -> None:
    text = text_of_rows([cells], delimiter)

    read = [cell for row in csv.reader(StringIO(text, newline=""), delimiter=expected) for cell in row]

    assert [cell for cell in read if cell[:1] in ("=", "+", "-", "@", "\uff1d")] == []


@given(TEXTS)
def test_an_import_reads_what_was_exported(text: str) -> None:
    assert unescape_formulas(escape_formulas(text)) == unescape_formulas(text)


@given(st.lists(TEXTS, min_size=1, max_size=4), st.sampled_from(DELIMITERS))
def test_a_written_row_is_read_as_its_escaped_cells(cells: list[str], delimiter: str) -> None:
    text = text_of_rows([cells], delimiter)

    (row,) = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    assert row == [escape_formulas(cell) for cell in cells]
