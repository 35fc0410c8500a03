"""Write the rows of a CSV file, so that a spreadsheet reads no cell as a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = "\ufeff"
"""The first character of an exported file. Excel reads a file as UTF-8 only if it begins with this character."""

DELIMITERS = (",", ";", "\t")
"""The delimiters of exported and imported files."""

FORMULA_ESCAPE = "'"
"""The character that is written before a formula. A spreadsheet then reads the formula as text."""

_BEGIN_FORMULAS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""The characters with which a formula can begin (OWASP, CSV Injection), to be put between `[` and `]` of a pattern.

The last four are full-width characters. Spreadsheets read them like the ASCII characters.
"""

# A program that expects another delimiter splits a cell at it, and takes what follows for the next cell. It then reads two
# quotes at the begin of that cell as an empty quoted text, and a formula behind them as the rest of the cell.
_BEGIN = r"(?:\A|(?<=[,;|\t\r\n]))"
_FORMULA = rf"(?=\"*[{_BEGIN_FORMULAS}])"
_UNESCAPED = re.compile(_BEGIN + _FORMULA)
_ESCAPED = re.compile(_BEGIN + FORMULA_ESCAPE + _FORMULA)


def escape_formulas(text: str) -> str:
    """Insert FORMULA_ESCAPE wherever a spreadsheet could begin to read a formula, and return the text.

    These places are the start of the text, and after a delimiter or a line break.
    """
    return _UNESCAPED.sub(FORMULA_ESCAPE, text)


def unescape_formulas(text: str) -> str:
    """Remove the characters that `escape_formulas` has inserted, and return the text."""
    return _ESCAPED.sub("", text)


class _Written(list[str]):
    write = list.append


def text_of_rows(rows: Iterable[Sequence[str]], delimiter: str) -> str:
    """Return the rows as the text of a CSV file with CRLF line ends. Formulas in the cells are escaped."""
    written = _Written()
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([escape_formulas(cell) for cell in row] for row in rows)
    return "".join(written)
