"""The work of `gatehouse export-users` and `gatehouse import-users`. The routes of CSV files use the same services.

Importing this module makes the schema, which is slow. The commands therefore import the module when they run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from api import app as server
from api.csv.export_endpoint import export_arguments
from api.graphql.http import BadHttpRequest, decoded_json
from api.mail.rendering import link_to
from api.parts import Parts
from models.users import listing as user_listing
from resolvers.core.global_ids import global_id
from resolvers.csv.export_columns import ExportColumns
from resolvers.csv.export_text import file_pieces
from resolvers.csv.row_answers import row_answer
from resolvers.csv.selected_users import selected_users
from rules.access import Actor
from rules.mail.kinds import MailKind
from rules.refusals import Refusal
from services.csv.file_rows import UploadedFile
from services.csv.user_export import UserExport
from services.csv.user_import import ImportOptions, UserImport

Progress = Callable[[int, int], None]


async def export_users(
    parts: Parts,
    actor: Actor,
    given: dict[str, Any],
    columns: list[str] | None,
    delimiter: str,
    write: Callable[[str], object],
    progress: Progress,
) -> int:
    """Write a CSV file of users, and return the number of users.

    - `given`: arguments of the query `users` that select the users. A filter is the text of a JSON object.
    - `write`: receives the text of the file, in pieces
    - `progress`: receives the number of written users and the total

    Raise Refusal if an argument is not valid, or if the actor's access ends during the export.
    """
    if "filter" in given:
        try:
            given = {**given, "filter": decoded_json(given["filter"].encode(), "The filter")}
        except BadHttpRequest as unreadable:
            raise unreadable.refusal from None
    arguments = export_arguments(server.schema(introspection=True), given)
    query, sorting = await selected_users(actor, **arguments)
    shown = ExportColumns(columns)
    total = await user_listing.count_of(actor, query, (), parts.runtime.now())
    export = await UserExport.begin(parts.runtime, actor, query, sorting, shown.row_columns, shown.header)
    is_complete = False
    written = 0
    try:
        async for piece in file_pieces(export, shown, delimiter):
            write(piece.text)
            written += piece.rows
            progress(written, total)
        is_complete = True
    finally:
        await export.record(is_complete=is_complete)
    return written


async def import_users(
    parts: Parts, actor: Actor, file: UploadedFile, options: ImportOptions, progress: Progress
) -> dict[str, Any]:
    """Import the users of the file. Return a dict with the answer for each row and the totals of the import.

    Raise Refusal if the import is refused before its first chunk is done, for example because the file is invalid.
    After the first chunk, a refusal ends the import: `errors` of the dict has the messages, and `notReached` has the
    number of remaining rows.
    """
    at = parts.runtime.now()
    found = await UserImport.read(parts.runtime, actor, file, options, partial(asyncio.sleep, 0))
    link = partial(link_to, parts.settings.link_base_url, MailKind.INVITATION)
    answers: list[dict[str, Any]] = []
    errors: list[str] = []
    try:
        async for chunk in found.chunks():
            answers += [row_answer(row, found.portal, at, link) for row in chunk]
            progress(len(answers), len(found.rows))
    except Refusal as refusal:
        if not answers:
            raise
        errors = [fault.message for fault in refusal.faults]  # what was carried out before is answered, too
    return {
        "replayed": found.replayed,
        "operationIds": [global_id("BulkOperation", id) for id in found.operation_ids],
        "rows": answers,
        "notReached": len(found.rows) - len(answers),
        "errors": errors,
    }
