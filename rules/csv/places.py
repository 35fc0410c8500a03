"""Find the place of a field or of a fault in a row of a CSV file, for the message to the person who corrects the file."""

from __future__ import annotations

import re
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
    """Return the pattern of one field, in the order in which `csv.reader` tries: quoted, or up to the next delimiter."""
    return re.compile(rf'"(?:[^"]|"")*+"|(?!")[^{re.escape(delimiter)}\r\n]*+')


def offset_of_field(row: str, number: int, delimiter: str) -> int:
    """Return the offset of the field `number`, counted from 0, in the text of a row whose quotes have no fault."""
    offset = 0
    for _ in range(number):
        found = _field(delimiter).match(row, offset)
        assert found, "a row without a fault"  # noqa: S101  # csv.reader has read the row
        offset = found.end() + 1
    return offset


def fault_of(row: str, delimiter: str) -> RowFault | None:
    """Return the first fault in the quotes of a row, or None. `row` can lack its end if a quote is not closed."""
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


_LINE_END = re.compile(r"\r\n|\r|\n")


def place(row: str, first_line: int, offset: int) -> FilePlace:
    """Return the place of an offset in the text of a row that begins on the line `first_line`."""
    ends = list(_LINE_END.finditer(row, 0, offset))
    return FilePlace(first_line + len(ends), offset - (ends[-1].end() if ends else 0) + 1)
