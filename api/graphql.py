"""The schema as it is served, and the endpoint that serves it over HTTP."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson
import strawberry
from graphql import GraphQLError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from api.answered import LONGEST_NAME, OK, Answered, Observe
from api.completion import FastExecution
from api.documents import Documents
from api.http_json import JSON, Asked, Unreadable, answer_type, names_html, read
from api.limits import DEFAULT_LIMITS, Limits
from api.masking import Masking, Translate
from rules.refusals import Code, Refusal


@dataclass(slots=True)
class Visit:
    """A request's context before it is worth building: what fails a check on the way in costs no look at the database.

    Given as the context to execute, it becomes what `build` answers, and learns the operation's name and kind.
    """

    build: Callable[[], Awaitable[object]]
    request_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    operation_name: str | None = None
    kind: str | None = None


class GatehouseSchema(strawberry.Schema):
    """A schema that refuses what passes the limits before validating it, suggests no names and logs nothing."""

    def __init__(
        self,
        query: type,
        mutation: type | None = None,
        *,
        types: Iterable[type] = (),
        introspection: bool = True,
        limits: Limits = DEFAULT_LIMITS,
        config: StrawberryConfig | None = None,
        tracing: Callable[[], SchemaExtension] | None = None,
    ) -> None:
        super().__init__(
            query,
            mutation,
            types=types,
            config=config,
            execution_context_class=FastExecution,
            extensions=[*([tracing] if tracing else []), lambda: _Gate(self)],
        )
        self.limits = limits
        self.documents = Documents(self._schema, limits, introspection=introspection)

    def get_extensions(self, sync: bool = False) -> list[SchemaExtension]:
        """Building a context needs an event loop; everything else is as good without."""
        return super().get_extensions(sync) + ([] if sync else [_BuildContext()])

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: Strawberry would log the document's text. Masking logs what is worth it, and knows the request."""

    def _get_custom_context_kwargs(
        self, operation_extensions: dict[str, Any] | None = None, *, sync: bool = False
    ) -> dict[str, Any]:
        # graphql-core's own switches for what the variables may tell; Strawberry has no other way to them.
        switches = {"hide_suggestions": True, "max_coercion_errors": self.limits.validation_errors}
        return super()._get_custom_context_kwargs(operation_extensions, sync=sync) | switches


class _Gate(SchemaExtension):
    """Lets an operation in, or raises why not, before anything is done for it."""

    def __init__(self, schema: GatehouseSchema) -> None:
        self._schema = schema

    def on_parse(self) -> Iterator[None]:
        asked = self.execution_context
        self._document = self._schema.documents.read(asked.query or "")
        # The name that was given, if any: once there is a document, Strawberry puts its first operation's in its place.
        self._document.check(asked.operation_name, asked.variables or {}, self._schema.limits)
        asked.graphql_document = self._document.node
        yield

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = list(self._document.errors)
        yield


class _BuildContext(SchemaExtension):
    """Turns a Visit into the context that resolvers see."""

    async def on_execute(self) -> None:  # type: ignore[override]  # a coroutine is allowed; the base class is a generator
        visit = self.execution_context.context
        if isinstance(visit, Visit):
            name = self.execution_context.operation_name
            visit.operation_name = name and name[:LONGEST_NAME]
            visit.kind = self.execution_context.operation_type.value
            self.execution_context.context = await visit.build()


def build_schema(
    query: type,
    mutation: type | None,
    *,
    types: Iterable[type] = (),
    introspection: bool = True,
    limits: Limits = DEFAULT_LIMITS,
    config: StrawberryConfig | None = None,
    tracing: Callable[[], SchemaExtension] | None = None,
) -> GatehouseSchema:
    """The schema of these types, guarded by these limits; `tracing` makes what tells of each operation."""
    return GatehouseSchema(
        query, mutation, types=types, introspection=introspection, limits=limits, config=config, tracing=tracing
    )


class GraphQLEndpoint:
    """Serves a schema over HTTP: queries by GET and POST, mutations by POST, and a page for people with a browser.

    `context` builds what resolvers see; it finds the request's id in `request.state.request_id`. `translate` says
    which exceptions are a refusal after all, such as UNAVAILABLE for a database that cannot be reached. `limits` on
    the body and on the errors told are the schema's unless given. `observe` is told of every request that was
    answered, with the seconds that `timer` ran meanwhile. `finish` may add headers to the response.
    """

    def __init__(
        self,
        schema: GatehouseSchema,
        *,
        context: Callable[[Request], Awaitable[object]],
        page: Callable[[Request], Awaitable[Response]] | None,
        request_id: Callable[[], str],
        limits: Limits | None = None,
        translate: Translate = lambda exception: None,
        observe: Observe = lambda answered: None,
        finish: Callable[[Request, Response], None] = lambda request, response: None,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._schema = schema
        self._context = context
        self._page = page
        self._request_id = request_id
        self._limits = limits or schema.limits
        self._translate = translate
        self._observe = observe
        self._finish = finish
        self._timer = timer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = self._timer()
        request = Request(scope, receive)
        request.state.request_id = self._request_id()
        masking = Masking(request.state.request_id, self._translate, self._limits)
        visit = Visit(partial(self._context, request), request.state.request_id, request.headers)
        try:
            response = await self._respond(request, masking, visit)
        except ClientDisconnect:
            return  # nobody is left to be answered
        if isinstance(response, _Answer):
            seconds = self._timer() - begun
            self._observe(Answered(masking.request_id, visit.operation_name, visit.kind, response.outcome, seconds))
        self._finish(request, response)
        response.headers["X-Request-Id"] = masking.request_id
        response.headers.add_vary_header("Accept")
        await response(scope, receive, send)

    async def _respond(self, request: Request, masking: Masking, visit: Visit) -> Response:
        media_type = answer_type(request.headers)
        try:
            if self._page and request.method == "GET" and _is_for_people(request):
                return await self._page(request)
            if media_type is None:
                raise Unreadable(406, "Accept application/graphql-response+json or application/json.")
            asked = await read(request, self._limits.body)
            return await self._answer(request.method, asked, media_type, masking, visit)
        except Unreadable as unreadable:
            error = masking.error(unreadable.refusal)
            return _response([error], media_type or JSON, status=unreadable.status, headers=unreadable.headers)
        except ClientDisconnect:
            raise
        except Exception as exception:
            return _request_errors([masking.exception(exception)], media_type or JSON)

    async def _answer(self, method: str, asked: Asked, media_type: str, masking: Masking, visit: Visit) -> Response:
        result = await self._execute(method, asked, visit)
        errors = masking.errors(result.errors or (), visit.operation_name)
        if errors and _never_ran(result):
            return _request_errors(errors, media_type)
        extensions = dict(result.extensions or {})
        if result.errors and len(result.errors) > len(errors):
            extensions["errorsLeftOut"] = len(result.errors) - len(errors)
        return _response(errors, media_type, data=result.data, extensions=extensions)

    async def _execute(self, method: str, asked: Asked, visit: Visit) -> ExecutionResult:
        served = {OperationType.QUERY} if method == "GET" else {OperationType.QUERY, OperationType.MUTATION}
        try:
            return await self._schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=visit,
                operation_name=asked.operation_name,
                allowed_operation_types=served,
            )
        except MissingQueryError:
            raise Refusal(Code.GRAPHQL_PARSE_FAILED, "The document is empty.") from None
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.MUTATION:
                raise Unreadable(405, "Send mutations by POST.", headers={"Allow": "POST"}) from None
            raise Refusal(Code.OPERATION_RESOLUTION_FAILURE, "Subscriptions are not served here.") from None


def _is_for_people(request: Request) -> bool:
    return names_html(request.headers) and "query" not in request.query_params


def _never_ran(result: ExecutionResult) -> bool:
    # Variables that do not fit come back as the result of a run: but a run's errors are all at some field.
    return isinstance(result, PreExecutionError) or (
        result.data is None and all(error.path is None for error in result.errors or ())
    )


def _request_errors(errors: list[dict[str, Any]], media_type: str) -> Response:
    """The answer to a request that was not run; it has no `data`."""
    codes = {error["extensions"]["code"] for error in errors}
    if Code.INTERNAL_SERVER_ERROR in codes:
        status = 500
    elif Code.UNAVAILABLE in codes:
        status = 503
    elif media_type == JSON:
        status = 200
    else:
        status = 429 if Code.RATE_LIMITED in codes else 400
    return _response(errors, media_type, status=status)


class _Answer(Response):
    """The answer to a GraphQL request, as against a page."""

    outcome: str = OK


_NO_DATA = object()


def _response(
    errors: list[dict[str, Any]],
    media_type: str,
    *,
    data: object = _NO_DATA,
    extensions: Mapping[str, object] | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    answer: dict[str, object] = {}
    if errors:
        answer["errors"] = errors
    if data is not _NO_DATA:
        answer["data"] = data
    if extensions:
        answer["extensions"] = extensions
    response = _Answer(orjson.dumps(answer), status, headers=headers, media_type=f"{media_type}; charset=utf-8")
    if errors:
        response.outcome = errors[0]["extensions"]["code"]
    return response
