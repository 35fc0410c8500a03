"""The rows of an imported CSV file. A row gives the text of each field that has a column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from rules.csv.cells import DELIMITERS, unescape_formulas
from rules.csv.columns import FIELDS, IDENTIFYING, IGNORED, KNOWN, SUBSTITUTES, ImportField, header_key
from rules.csv.reading import MOST_ROWS, FileRow, rows_of
from rules.messages.bulk import CsvFileMessage
from rules.refusals import Refusal, raise_all
from rules.user_fields import REQUIRED

MOST_HEADER_FAULTS = 20
"""The maximum number of faults of a header that are reported together."""

LONGEST_HEADER_SHOWN = 50
"""The maximum number of characters of a header that a message repeats."""

_GUEST = "#ext#"
"""The mark of a guest in a user principal name of Microsoft. Such a name is no e-mail address."""


class ImportedRow(NamedTuple):
    """A row of an imported file: the line on which it begins, and its texts by field. Empty fields are left out."""

    line: int
    texts: Mapping[ImportField, str]


@dataclass(frozen=True, slots=True)
class FileColumns:
    """Which columns of a file are read.

    - `places`: the position of each field's column in a row.
    - `substitutes`: further columns for a field, which are read only if the row has no other value for it.
    """

    header: FileRow
    delimiter: str
    places: Mapping[ImportField, int]
    substitutes: Sequence[tuple[ImportField, int]]

    def texts(self, row: FileRow) -> Mapping[ImportField, str]:
        """Return the texts of one row keyed by field, such as `{EMAIL: "ann@x.example"}`. Empty fields are left out.

        Raise Refusal(INVALID_INPUT) if the row has more fields than the header.
        """
        width = len(self.header.cells)
        if any(map(str.strip, row.cells[width:])):
            at = row.place_at(next(islice(row.offsets(self.delimiter), width, None)))
            raise Refusal(CsvFileMessage.TOO_MANY_FIELDS, line=at.line, column=at.column, maximum=width)
        cells = [unescape_formulas(cell) for cell in row.cells]
        cells += [""] * (width - len(cells))
        found = {field: cells[place] for field, place in self.places.items() if cells[place].strip()}
        has_name = ImportField.FIRST_NAME in found or ImportField.LAST_NAME in found
        for field, place in self.substitutes:
            if (field is ImportField.FIRST_NAME and not has_name and "@" not in cells[place]) or (
                field is ImportField.EMAIL and _is_address(cells[place])
            ):
                found.setdefault(field, cells[place])
        if ImportField.EMAIL not in found and _is_address(username := found.get(ImportField.USERNAME, "")):
            found[ImportField.EMAIL] = username
        return {field: text for field, text in found.items() if text.strip()}

    def require(self, required_fields: Iterable[str]) -> None:
        """Raise Refusal(REQUIRED_FIELD_MISSING) if the file has no column for a field that the portal requires.

        `required_fields` are keys of `rules.user_fields.REQUIRED`. The portal always requires
        at least one of the fields in IDENTIFYING.
        """
        held = {*self.places, *(field for field, _ in self.substitutes)}
        if ImportField.USERNAME in held or ImportField.EMAIL in held:  # one of them can stand for the other
            held |= {ImportField.USERNAME, ImportField.EMAIL}
        needed = [ImportField[name] for name in REQUIRED if name in set(required_fields)]
        lacking = [field for field in needed if field not in held]
        if not lacking and not held & set(IDENTIFYING):
            lacking = [IDENTIFYING[0]]
        at = self.header.place_at(0)
        raise_all(
            Refusal(CsvFileMessage.COLUMN_MISSING, path=(field,), line=at.line, column=at.column, field=field)
            for field in lacking
        )


def _is_address(text: str) -> bool:
    return "@" in text and _GUEST not in text.casefold()


def delimiter_of(file: bytes) -> str:
    """Return the delimiter with which the most headers of the file are recognized.

    If several delimiters give the same number of recognized headers, return the delimiter that gives the most columns.
    """
    found: dict[str, tuple[int, int]] = {}
    for delimiter in DELIMITERS:
        with suppress(Refusal, StopIteration):
            cells = _header(rows_of(file, delimiter)).cells
            known = sum(header_key(cell) in KNOWN for cell in cells)
            found[delimiter] = (known, len(cells))
    return max(found, key=lambda delimiter: found[delimiter], default=DELIMITERS[0])


def _header(rows: Iterator[FileRow]) -> FileRow:
    # Templates of Microsoft Entra ID begin with a row for the version, and files for Excel with one for the delimiter.
    header = next(rows)
    return next(rows) if header.cells[0].strip().startswith(("version:v", "sep=")) else header


def read_columns(rows: Iterator[FileRow], delimiter: str, *, ignores_unknown: bool) -> FileColumns:
    """Read the header of a file from its `rows`, and return the columns of the file.

    Raise Refusal(INVALID_INPUT) with all faults of the header, but at most MOST_HEADER_FAULTS:

    - The file has no header.
    - Two columns are read for one field.
    - A column is unknown, and `ignores_unknown` is false.
    """
    try:
        header = _header(rows)
    except StopIteration:
        raise Refusal(CsvFileMessage.NO_HEADER, line=1, column=1) from None
    places: dict[ImportField, int] = {}
    substitutes: list[tuple[ImportField, int]] = []
    faults: list[Refusal] = []
    for number, (cell, offset) in enumerate(zip(header.cells, header.offsets(delimiter), strict=True)):
        if len(faults) == MOST_HEADER_FAULTS:
            break
        key = header_key(cell)
        if (field := FIELDS.get(key)) is not None:
            if field in places:
                at = header.place_at(offset)
                faults.append(
                    Refusal(CsvFileMessage.DOUBLE_COLUMN, path=(field,), line=at.line, column=at.column, field=field)
                )
            places.setdefault(field, number)
        elif key in SUBSTITUTES:
            substitutes.append((SUBSTITUTES[key], number))
        elif key not in IGNORED and not ignores_unknown and cell.strip():
            at = header.place_at(offset)
            shown = cell.strip()[:LONGEST_HEADER_SHOWN]
            faults.append(Refusal(CsvFileMessage.UNKNOWN_COLUMN, line=at.line, column=at.column, value=shown))
    raise_all(faults)
    return FileColumns(header, delimiter, places, substitutes)


def imported_rows(rows: Iterator[FileRow], columns: FileColumns) -> Iterator[ImportedRow]:
    """Yield the rows after the header, which `read_columns` must have read from `rows` before.

    Raise Refusal if a row has more fields than the header, or if there are more than MOST_ROWS rows. The message names
    the place in the file.
    """
    for number, row in enumerate(rows, start=1):
        if number > MOST_ROWS:
            raise Refusal(CsvFileMessage.TOO_MANY_ROWS, line=row.line, column=1, maximum=MOST_ROWS)
        yield ImportedRow(row.line, columns.texts(row))
