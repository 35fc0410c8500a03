"""Find the place of a field or of a fault in a row of a CSV file.

Messages name the place, so that the person who corrects the file finds the fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from rules.messages.bulk import CsvFileMessage


class FilePlace(NamedTuple):
    """A place in a file as text editors count it: lines from 1, and the characters of a line from 1."""

    line: int
    column: int


class RowFault(NamedTuple):
    """A fault in the quotes of a row: its message and its offset in the text of the row."""

    message: CsvFileMessage
    offset: int


@cache
def _field(delimiter: str) -> re.Pattern[str]:
    """Return the pattern that matches one field: a quoted field, or the characters up to the next delimiter.

    `csv.reader` tries the two forms in the same order.
    """
    return re.compile(rf'"(?:[^"]|"")*+"|(?!")[^{re.escape(delimiter)}\r\n]*+')


def offsets_of_fields(row: str, delimiter: str) -> Iterator[int]:
    """Yield the offset at which each field begins in the text of a row. The quotes of the row must have no fault."""
    offset = 0
    while True:
        yield offset
        found = _field(delimiter).match(row, offset)
        assert found, "a row without a fault"  # noqa: S101  # csv.reader has read the row
        offset = found.end() + 1
        if row[found.end() : offset] != delimiter:
            return


def fault_of(row: str, delimiter: str) -> RowFault | None:
    """Return the first fault in the quotes of a row, or None.

    `row` can be the beginning of a longer row. A quote that is not closed in `row` is a fault.
    """
    offset = 0
    while offset < len(row):
        found = _field(delimiter).match(row, offset)
        if found is None:
            return RowFault(CsvFileMessage.UNCLOSED_QUOTE, offset)
        offset = found.end()
        if offset < len(row) and row[offset] not in (delimiter, "\r", "\n"):
            return RowFault(CsvFileMessage.TEXT_AFTER_QUOTE, offset)
        if row[offset : offset + 1] != delimiter:
            return None
        offset += 1
    return None


def place_of(text: str, first_line: int, offset: int) -> FilePlace:
    """Return the line and the column of the character at `offset` in `text`, which begins on the line `first_line`.

    Lines end with CRLF, LF or CR.
    """
    before = text[:offset]
    ends = before.count("\n") + before.count("\r") - before.count("\r\n")
    begin = max(before.rfind("\n"), before.rfind("\r")) + 1
    return FilePlace(first_line + ends, offset - begin + 1)
