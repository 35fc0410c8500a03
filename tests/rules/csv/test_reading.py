"""The rows of a file have the line and column numbers that a text editor shows."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.csv.cells import DELIMITERS
from rules.csv.imported_rows import MOST_HEADER_FAULTS, delimiter_of, read_columns
from rules.csv.reading import MOST_BYTES, MOST_EMPTY_ROWS, rows_of
from rules.refusals import Refusal

CELLS = st.text(st.sampled_from('ab;,\t\r\n"Ä '), max_size=6)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5)


@given(ROWS, st.sampled_from(DELIMITERS), st.sampled_from(["\r\n", "\n"]))
def test_what_the_standard_library_writes_is_read(rows: list[list[str]], delimiter: str, end: str) -> None:
    written = StringIO(newline="")
    # The writer leaves other line ends than its own unquoted.
    if end == "\r\n":
        csv.writer(written, delimiter=delimiter, lineterminator=end).writerows(rows)
    else:
        csv.writer(written, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)

    found = [row.cells for row in rows_of(written.getvalue().encode(), delimiter)]

    assert found == [row for row in rows if any(map(str.strip, row))]


def test_the_last_row_can_have_another_delimiter_as_its_text() -> None:
    found = [row.cells for row in rows_of(b"name;mark\r\nann;\r\n;,\r\n;\r\n", ";")]

    assert found == [["name", "mark"], ["ann", ""], ["", ","]]


@given(ROWS, st.sampled_from(DELIMITERS))
def test_the_place_of_each_field_is_where_the_field_begins(rows: list[list[str]], delimiter: str) -> None:
    written = StringIO(newline="")
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    lines = StringIO(written.getvalue(), newline="").readlines()

    for row in rows_of(written.getvalue().encode(), delimiter):
        for cell, offset in zip(row.cells, row.offsets(delimiter), strict=True):
            at = row.place_at(offset)
            rest = "".join([lines[at.line - 1][at.column - 1 :], *lines[at.line :]])
            assert rest.startswith('"' + cell.replace('"', '""') + '"')


@given(st.text(st.sampled_from('ab,"\n'), max_size=20))
def test_a_fault_of_quotes_has_a_place_in_the_file(text: str) -> None:
    lines = (text + "\n").split("\n")

    found = refusal_of(text.encode())

    if found is not None:
        line, column = int(found.params["line"]), int(found.params["column"])
        before, here = lines[line - 1][: column - 1], lines[line - 1][column - 1 : column]
        is_unclosed = here == '"' and before[-1:] in ("", ",")
        assert is_unclosed if found.params["problem"] == "UNCLOSED_QUOTE" else before.endswith('"')


def refusal_of(file: bytes) -> Refusal | None:
    try:
        list(rows_of(file, ","))
    except Refusal as refusal:
        return refusal
    return None


@pytest.mark.parametrize(
    ("file", "line", "column"),
    [
        (b"a\xffb", 1, 2),
        ("é\nü\r\nab".encode() + b"\xc3", 3, 3),
        (b"\xef\xbb\xbfa\r\xe9", 2, 1),
        (b"\xff\xfea\x00", 1, 1),
    ],
)
def test_a_byte_that_is_not_utf_8_has_its_place(file: bytes, line: int, column: int) -> None:
    with pytest.raises(Refusal) as refused:
        list(rows_of(file, ","))

    assert refused.value.params == {"problem": "NOT_UTF_8", "line": str(line), "column": str(column)}


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_a_million_rows_without_text_at_the_end_of_a_file_are_not_read(delimiter: str) -> None:
    file = b"email\nana@acme.test\n" + f"{delimiter} \t\r\n".encode() * 1_000_000

    assert [row.cells for row in rows_of(file, delimiter)] == [["email"], ["ana@acme.test"]]


@pytest.mark.parametrize("begin", [b"", b"email\n"])
def test_rows_without_text_are_refused_where_they_are_too_many(begin: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        list(rows_of(begin + b"\n" * (MOST_BYTES - 100) + b"ana@acme.test", ","))

    assert refused.value.params["problem"] == "TOO_MANY_ROWS"
    assert refused.value.params["line"] == str(begin.count(b"\n") + MOST_EMPTY_ROWS + 1)


@pytest.mark.parametrize("header", [b"," * 30_000 + b"x," * 10_000, b"email," * 10_000])
def test_a_header_of_thousands_of_wrong_columns_is_refused_with_the_first_of_them(header: bytes) -> None:
    """The message names only the first columns. To name all took minutes, in which the server sent no answers."""
    delimiter = delimiter_of(header)

    with pytest.raises(Refusal) as refused:
        read_columns(rows_of(header, delimiter), delimiter, ignores_unknown=False)

    columns = [int(fault.params["column"]) for fault in refused.value.faults]
    first = header.index(b"x") + 1 if b"x" in header else len("email,") + 1
    assert columns == [first + number * (2 if b"x" in header else 6) for number in range(MOST_HEADER_FAULTS)]
