"""Read the rows of an uploaded CSV file, and find the place of a fault."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from typing import NamedTuple

from rules.csv.places import FilePlace, fault_of, offsets_of_fields, place_of
from rules.messages.bulk import CsvFileMessage
from rules.refusals import Refusal

MOST_BYTES = 10 * 1024 * 1024
"""The maximum number of bytes of an uploaded file."""

MOST_ROWS = 10_000
"""The maximum number of rows of an uploaded file. The header, and rows without text, do not count."""

MOST_EMPTY_ROWS = 10_000
"""The maximum number of rows without text, apart from those at the end of the file."""

LONGEST_ROW = 64 * 1024
"""The maximum number of characters of a row, quotes and line breaks included."""

_MARK = b"\xef\xbb\xbf"

_BLANK = b"\r\n\t "
"""The bytes, besides the delimiter, that a row without text can have.

Spreadsheets can write a million rows without text at the end of a file.
"""

_LINE_END = re.compile(rb"[\r\n]")


class FileRow(NamedTuple):
    """A row of a file: the number of its first line, its cells, and its text in the file."""

    line: int
    cells: list[str]
    text: str

    def offsets(self, delimiter: str) -> Iterator[int]:
        """Yield the offset of each field in `text`."""
        return offsets_of_fields(self.text, delimiter)

    def place_at(self, offset: int) -> FilePlace:
        """Return the place in the file of the character at `offset` in `text`."""
        return place_of(self.text, self.line, offset)


class _TooLong(Exception):
    """Raised for a row that is longer than LONGEST_ROW."""


def rows_of(file: bytes, delimiter: str) -> Iterator[FileRow]:
    """Yield the rows of a file in UTF-8, the header included. Rows without text are left out.

    The file can begin with a byte order mark. Lines end with CRLF, LF or CR, also inside a quoted cell. Raise Refusal
    in these cases:

    - INVALID_INPUT, with the place: the file is not UTF-8, a quote is wrong, or a row is too long.
    - TOO_MANY_USERS: there are more than MOST_EMPTY_ROWS rows without text.
    """
    lines = TextIOWrapper(BytesIO(_without_end(file.removeprefix(_MARK), delimiter)), encoding="utf-8", newline="")
    row: list[str] = []
    empty_rows = 0

    def fed() -> Iterator[str]:
        length = 0
        while line := lines.readline(LONGEST_ROW + 1):
            length = len(line) if not row else length + len(line)
            row.append(line)
            if length > LONGEST_ROW:
                raise _TooLong
            yield line

    reader = csv.reader(fed(), delimiter=delimiter, strict=True)
    while True:
        first_line = reader.line_num + 1
        row.clear()
        try:
            cells = next(reader, None)
        except UnicodeDecodeError:
            raise _not_utf_8(file.removeprefix(_MARK)) from None
        except (_TooLong, csv.Error):
            raise _fault("".join(row), first_line, delimiter) from None
        if cells is None:
            return
        if any(map(str.strip, cells)):
            yield FileRow(first_line, cells, "".join(row))
            continue
        empty_rows += 1
        if empty_rows > MOST_EMPTY_ROWS:
            raise Refusal(CsvFileMessage.TOO_MANY_ROWS, line=first_line, column=1, maximum=MOST_ROWS)


def _without_end(file: bytes, delimiter: str) -> bytes:
    end = _LINE_END.search(file, len(file.rstrip(_BLANK + delimiter.encode())))
    return file[: end.start()] if end else file


def _fault(row: str, first_line: int, delimiter: str) -> Refusal:
    fault = fault_of(row, delimiter)
    if fault is None:
        return Refusal(CsvFileMessage.ROW_TOO_LONG, line=first_line, column=1, maximum=LONGEST_ROW)
    found = place_of(row, first_line, fault.offset)
    if fault.message is CsvFileMessage.UNCLOSED_QUOTE:
        return Refusal(CsvFileMessage.UNCLOSED_QUOTE, line=found.line, column=found.column)
    return Refusal(CsvFileMessage.TEXT_AFTER_QUOTE, line=found.line, column=found.column)


def _not_utf_8(file: bytes) -> Refusal:
    try:
        file.decode()
    except UnicodeDecodeError as error:
        before = file[: error.start].decode()
        found = place_of(before, 1, len(before))
        return Refusal(CsvFileMessage.NOT_UTF_8, line=found.line, column=found.column)
    raise AssertionError("the file was refused as UTF-8 before")
