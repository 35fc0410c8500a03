"""Find the line and the column of a field or of a fault in a CSV file, for the messages about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from rules.messages.bulk import CsvFileMessage


class FilePlace(NamedTuple):
    """A place in a file as text editors show it: line and column, both counted from 1."""

    line: int
    column: int


class RowFault(NamedTuple):
    """A wrong quote in a row: the message, and the offset in the text of the row."""

    message: CsvFileMessage
    offset: int


@cache
def _field(delimiter: str) -> re.Pattern[str]:
    return re.compile(rf'"(?:[^"]|"")*+"|(?!")[^{re.escape(delimiter)}\r\n]*+')


def offsets_of_fields(row: str, delimiter: str) -> Iterator[int]:
    """Yield the offset of each field in the text of a row. The quotes of the row must be right."""
    offset = 0
    while True:
        yield offset
        found = _field(delimiter).match(row, offset)
        assert found, "a row without a fault"  # noqa: S101  # csv.reader has read the row
        offset = found.end() + 1
        if row[found.end() : offset] != delimiter:
            return


def fault_of(row: str, delimiter: str) -> RowFault | None:
    """Return the first wrong quote of a row, or None. A quote that is not closed is wrong.

    `row` can be only the beginning of a row, if the whole row is too long to be read.
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
    """Return the place of the character at `offset` in `text`. The text begins on the line `first_line`.

    Lines end with CRLF, LF or CR.
    """
    before = text[:offset]
    ends = before.count("\n") + before.count("\r") - before.count("\r\n")
    begin = max(before.rfind("\n"), before.rfind("\r")) + 1
    return FilePlace(first_line + ends, offset - begin + 1)
