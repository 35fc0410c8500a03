"""The text of an exported file, in pieces."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

from resolvers.csv.export_columns import BesideRows, ExportColumns, by_text
from rules.csv.cells import BYTE_ORDER_MARK, text_of_rows
from services.csv.user_export import UserExport


class FilePiece(NamedTuple):
    """A piece of a file, and the number of users in it."""

    text: str
    rows: int


def file_begin(columns: ExportColumns, delimiter: str) -> str:
    """Return the beginning of the file: the byte order mark and the header."""
    return BYTE_ORDER_MARK + text_of_rows([columns.header], delimiter)


async def file_pieces(export: UserExport, columns: ExportColumns, delimiter: str) -> AsyncIterator[FilePiece]:
    """Yield the file in pieces. There is at least one piece, and the first begins with the header.

    Raise the refusals of `UserExport.pages`. A refusal of the first page is raised before a piece is yielded.
    """
    begin = file_begin(columns, delimiter)
    async for records in export.pages():
        portals = by_text(await export.portal_names(columns.portals_of(records)))
        for start in range(0, len(records), columns.piece_rows):
            piece = records[start : start + columns.piece_rows]
            beside = BesideRows(portals, by_text(await export.grants(columns.users_of(piece))))
            rows = text_of_rows((columns.cells(record, beside) for record in piece), delimiter)
            yield FilePiece(begin + rows, len(piece))
            begin = ""
    if begin:
        yield FilePiece(begin, 0)
