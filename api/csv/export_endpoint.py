"""The route `POST /users/export`: a CSV file of the users that the query `users` would list.

The file is sent while the users are read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.requests import ClientDisconnect

from api.csv.csv_endpoint import CsvEndpoint, CsvExchange, CsvRoute
from api.csv.schema_values import arguments_of
from api.graphql.execution import GatehouseSchema
from api.graphql.http import BadHttpRequest, read_json
from api.graphql.pacing.time_slices import SLICES
from api.graphql.pacing.turns import Turns
from resolvers.core.access import check_access
from resolvers.core.context import Context
from resolvers.csv.export_columns import ExportColumns
from resolvers.csv.export_text import FilePiece, file_begin, file_pieces
from resolvers.csv.selected_users import selected_users
from rules.csv.cells import DELIMITERS
from rules.refusals import Code, Refusal
from rules.rights.answers import Answer
from services.csv import user_export
from services.csv.user_export import UserExport
from services.runtime import Runtime

AT_ONCE = 2
"""The maximum number of exports of one account at the same time, in one process."""

LONGEST_SECONDS = 3_600
"""The maximum duration of an export. A longer export is broken off."""

MEMBER = "Query.users"
_OWN = ("columns", "delimiter")
PAGES = ("first", "after", "last", "before")


class ExportEndpoint(CsvEndpoint):
    """Answers with a CSV file of users.

    The body of the request is a JSON object with `columns`, `delimiter` and the arguments of the query `users`. The
    arguments for pages (`first`, `after`, `last`, `before`) are refused.
    """

    name = user_export.EXPORT_NAME

    def __init__(self, route: CsvRoute, runtime: Runtime) -> None:
        super().__init__(route)
        self._runtime = runtime
        self._turns = Turns(AT_ONCE, waiting=0)

    async def answer(self, exchange: CsvExchange, context: Context) -> None:
        answer = check_access(context, MEMBER, self.name)
        given = await read_json(exchange.request, self.route.limits)
        if not isinstance(given, dict):
            raise BadHttpRequest(400, "The body must be one JSON object.")
        columns, delimiter = _columns(given), _delimiter(given)
        query, sorting = await selected_users(context.account, **export_arguments(self.route.schema, given))
        async with self._turns.turn(context.account.id):
            sending = _Sending(exchange)
            if answer is Answer.EMPTY:
                await sending.begin()
                await sending.piece(file_begin(columns, delimiter))
                await sending.end()
                return
            names, shown = columns.row_columns, columns.header
            export = await UserExport.begin(self._runtime, context.account, query, sorting, names, shown)
            await _send_users(export, columns, delimiter, sending)


def export_arguments(schema: GatehouseSchema, given: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the JSON object of a request to the arguments of `selected_users`.

    Raise Refusal(BAD_USER_INPUT) for an unknown argument, a wrong type, or an argument for pages.
    """
    named = {name: value for name, value in given.items() if name not in _OWN}
    if paged := next((name for name in PAGES if name in named), None):
        raise Refusal(Code.BAD_USER_INPUT, f"An export has no pages: leave {paged} out.")
    return arguments_of(schema.core, MEMBER, named, schema.limits)


def _columns(given: Mapping[str, Any]) -> ExportColumns:
    names = given.get("columns")
    if names is not None and not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise Refusal(Code.BAD_USER_INPUT, "columns must be a list of names.")
    return ExportColumns(names)


def _delimiter(given: Mapping[str, Any]) -> str:
    delimiter = given.get("delimiter")
    if delimiter is None:
        return DELIMITERS[0]
    if delimiter not in DELIMITERS:
        raise Refusal(Code.BAD_USER_INPUT, "delimiter must be a comma, a semicolon or a tab.")
    return str(delimiter)


class _Sending:
    """Sends the file in pieces. A piece waits until the client has read enough of the earlier pieces."""

    def __init__(self, exchange: CsvExchange) -> None:
        self._exchange = exchange

    async def begin(self) -> None:
        headers = {
            "content-type": "text/csv; charset=utf-8; header=present",
            "content-disposition": 'attachment; filename="users.csv"',
            "cache-control": "no-store",
            "x-request-id": self._exchange.masking.request_id,
        }
        self._exchange.has_begun = True
        await self._exchange.send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(name.encode(), text.encode()) for name, text in headers.items()],
            }
        )

    async def piece(self, text: str, rows: int = 0) -> None:
        """Send a piece. Raise ClientDisconnect if the client has closed the connection."""
        if await self._exchange.request.is_disconnected():
            raise ClientDisconnect
        await self._exchange.send({"type": "http.response.body", "body": text.encode(), "more_body": True})
        self._exchange.rows += rows
        await SLICES.checkpoint()

    async def end(self) -> None:
        await self._exchange.send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_users(export: UserExport, columns: ExportColumns, delimiter: str, sending: _Sending) -> None:
    """Send all users, in pieces. Raise Refusal(UNAVAILABLE) if this takes longer than LONGEST_SECONDS.

    An exception breaks the answer off, so clients notice that the file is not complete.
    """
    pieces = file_pieces(export, columns, delimiter)
    piece: FilePiece | None = await anext(pieces)  # a refusal of the first page is answered with its status
    is_complete = False
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            await sending.begin()
            while piece is not None:
                await sending.piece(piece.text, piece.rows)
                piece = await anext(pieces, None)
        is_complete = True
    except TimeoutError:
        raise Refusal(Code.UNAVAILABLE, f"This took longer than {LONGEST_SECONDS} seconds.") from None
    finally:
        await export.record(is_complete=is_complete)
    await sending.end()
