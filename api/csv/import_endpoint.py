"""The route `POST /users/import`: add and invite the users of a CSV file, with an answer for each row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

import orjson
from graphql import GraphQLBoolean, GraphQLInputObjectType, get_named_type
from starlette.requests import Request
from starlette.responses import Response

from api.core.request_record import OK
from api.csv.csv_endpoint import CsvEndpoint, CsvExchange, CsvRoute, errors_of
from api.csv.schema_values import Parameter, arguments_of, nested, parameters_of, root_field, value_of
from api.graphql.http import JSON, BadHttpRequest, check_content_type, read_body
from api.graphql.pacing.time_slices import SLICES
from api.graphql.pacing.turns import Turns
from resolvers.core.access import check_access
from resolvers.core.context import Context
from resolvers.core.global_ids import global_id
from resolvers.csv.import_options import import_options
from resolvers.csv.row_answers import row_answer
from rules.csv.reading import MOST_BYTES
from rules.outcomes import summary_of
from rules.refusals import Code, Refusal
from rules.security_events import SecurityEvent
from services.csv.file_rows import UploadedFile
from services.csv.user_import import ImportOptions, RowOutcome, UserImport
from services.runtime import Runtime

AT_ONCE = 1
"""The maximum number of imports of one account at the same time, in one process."""

AT_ONCE_OF_ALL = 8
"""The maximum number of imports at the same time in one process. Each holds its file in memory."""

MEMBER = "Mutation.inviteUsers"
MEDIA_TYPE = "text/csv"

IGNORE_UNKNOWN = "ignoreUnknownColumns"
"""The URL parameter that allows unknown columns in the file. Every other URL parameter is an option of inviteUsers."""

_LEFT_OUT = {
    "InviteUsersInput": frozenset({"target", "options"}),
    "NewUsersInput": frozenset({"invitees"}),
    "BulkOptions": frozenset({"errorPolicy", "onlyIfUnchanged"}),
    "InviteeInput": frozenset({"email", "firstName", "lastName", "username"}),
}
"""For each input type of inviteUsers, the fields that are not URL parameters.

The file gives their values, or the import does not support them.
"""

_INVITEE = "invitee"
"""The path of the URL parameters that are defaults for all rows, such as `role` for a row without a role."""


class ImportEndpoint(CsvEndpoint):
    """Imports the CSV file in the body of the request, and answers with JSON.

    URL parameters are the options of the mutation inviteUsers, under the same names.
    """

    name = "users/import"

    def __init__(self, route: CsvRoute, runtime: Runtime) -> None:
        super().__init__(route)
        self._runtime = runtime
        self._turns = Turns(AT_ONCE, waiting=0)
        self._running = 0

    async def answer(self, exchange: CsvExchange, context: Context) -> Response:
        # Until the body is read, an error must close the connection: the server would go on reading the file.
        exchange.error_headers["Connection"] = "close"
        check_access(context, MEMBER, self.name)
        check_content_type(exchange.request.headers, MEDIA_TYPE)
        given = self._given(exchange.request)
        ignores_unknown = bool(given.pop((IGNORE_UNKNOWN,), False))
        options = self._options(given)
        async with self._turns.turn(context.account.id):
            with self._counted():
                file = UploadedFile(await read_body(exchange.request, MOST_BYTES), ignores_unknown)
                exchange.error_headers.clear()
                return await self._imported(exchange, context, file, options)

    async def _imported(
        self, exchange: CsvExchange, context: Context, file: UploadedFile, options: ImportOptions
    ) -> Response:
        at = context.now()
        found = await UserImport.read(self._runtime, context.account, file, options, SLICES.checkpoint)
        rows: list[RowOutcome] = []
        answers: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        status = 200
        try:
            async for chunk in found.chunks():
                rows += chunk
                answers += [row_answer(row, found.portal, at, context.invitation_link) for row in chunk]
                await SLICES.checkpoint()
        except Exception as problem:
            if not rows:
                raise
            errors, status = errors_of(problem, exchange.masking)  # what was carried out before is answered, too
        if not options.bulk.dry_run:
            context.note(SecurityEvent.MANAGED, self.name)
        exchange.rows = len(rows)
        exchange.outcome = str(errors[0]["extensions"]["code"]) if errors else OK
        summary = summary_of([row.outcome for row in rows])
        content = {
            "portalId": global_id("Portal", found.portal.row.id),
            "dryRun": options.bulk.dry_run,
            "replayed": found.replayed,
            "summary": {
                "rows": len(found.rows),
                "succeeded": summary.succeeded,
                "skipped": summary.skipped,
                "failed": summary.failed,
                "notReached": len(found.rows) - len(rows),
            },
            "operationIds": [global_id("BulkOperation", id) for id in found.operation_ids],
            "rows": answers,
            "errors": errors,
        }
        return Response(orjson.dumps(content), status, media_type=f"{JSON}; charset=utf-8")

    @cached_property
    def _parameters(self) -> dict[str, Parameter]:
        """The parameters of the URL, by name."""
        invite = _input_type(root_field(self.route.schema.core, MEMBER).args["input"].type)
        new_users = _input_type(_input_type(invite.fields["target"].type).fields["newUsers"].type)
        found = {IGNORE_UNKNOWN: Parameter((IGNORE_UNKNOWN,), GraphQLBoolean)}
        for type_, path in (
            (new_users, ("target", "newUsers")),
            (_input_type(new_users.fields["invitees"].type), (_INVITEE,)),
            (invite, ()),
            (_input_type(invite.fields["options"].type), ("options",)),
        ):
            found |= parameters_of(type_, path, _LEFT_OUT[type_.name])
        return found

    def _given(self, request: Request) -> dict[tuple[str, ...], Any]:
        """Return the URL's values by the path of their input field, such as `{("options", "dryRun"): True}`.

        Raise Refusal(BAD_USER_INPUT) for an unknown parameter, a parameter that occurs twice, or a wrong value.
        """
        try:
            pairs = parse_qsl(request.scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict")
        except ValueError:
            raise BadHttpRequest(400, "The URL's query is not UTF-8.") from None
        found: dict[tuple[str, ...], Any] = {}
        for name, text in pairs:
            parameter = self._parameters.get(name)
            if parameter is None:
                known = ", ".join(self._parameters)
                raise Refusal(Code.BAD_USER_INPUT, f"There is no parameter {name[:100]}. Parameters: {known}.")
            if parameter.path in found:
                raise Refusal(Code.BAD_USER_INPUT, f"The URL names {name} twice.")
            found[parameter.path] = value_of(name, text, parameter.type)
        return found

    def _options(self, given: dict[tuple[str, ...], Any]) -> ImportOptions:
        invitee = {path[-1]: value for path, value in given.items() if path[0] == _INVITEE}
        others = {path: value for path, value in given.items() if path[0] != _INVITEE}
        input = nested({**others, ("target", "newUsers", "invitees"): [invitee]})
        return import_options(
            arguments_of(self.route.schema.core, MEMBER, {"input": input}, self.route.limits)["input"]
        )

    @contextmanager
    def _counted(self) -> Iterator[None]:
        if self._running >= AT_ONCE_OF_ALL:
            raise Refusal(Code.UNAVAILABLE, "Too many files are imported just now. Try again in a moment.")
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1


def _input_type(type_: Any) -> GraphQLInputObjectType:
    named = get_named_type(type_)
    assert isinstance(named, GraphQLInputObjectType), "an input"  # noqa: S101  # for the type checker
    return named
