"""The HTTP endpoint of a GraphQL schema."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Hashable, Mapping
from functools import partial
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from api.core.log_origin import LogOrigin, coming_from
from api.core.request_record import OK, Observe, RequestRecord
from api.graphql.cost.limits import Limits
from api.graphql.error_masking import Masking, Translate
from api.graphql.execution import GatehouseSchema
from api.graphql.http import JSON, BadHttpRequest, GraphQLRequest, answer_type, check_method, names_html, read
from api.graphql.pending_context import PendingContext
from rules.auth.networks import network_of
from rules.refusals import Code, Refusal


class GraphQLEndpoint:
    """Serves a schema over HTTP, and a page to browsers.

    Queries are accepted by GET, HEAD and POST. POST is required for mutations, and for queries with a secret argument,
    such as a token.

    - `context`: builds the context of resolvers.
    - `request_id`: returns a new id, which becomes `request.state.request_id`.
    - `page`: returns the page for browsers. Without it, browsers get no page.
    - `caller`: returns the caller of a context. Each caller can run only a few heavy operations at the same time.
    - `translate`: converts an exception with a known cause to a Refusal, such as UNAVAILABLE, else returns None.
    - `limits`: the limits of a request's body, and of the errors in its answer. The default is the schema's limits.
    - `observe`: receives the record of each answered request.
    - `timer`: returns seconds, from which the duration of a request is calculated.
    - `refuse`: returns the message of an answer with status 400, or None to accept the request.
    - `finish`: can add headers to the response.
    """

    def __init__(
        self,
        schema: GatehouseSchema,
        *,
        context: Callable[[Request], Awaitable[object]],
        page: Callable[[Request], Awaitable[Response]] | None,
        request_id: Callable[[], str],
        caller: Callable[[Any], Hashable] = id,
        limits: Limits | None = None,
        translate: Translate = lambda exception: None,
        observe: Observe = lambda answered: None,
        refuse: Callable[[Request], str | None] = lambda request: None,
        finish: Callable[[Request, Response], None] = lambda request, response: None,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._schema = schema
        self._context = context
        self._page = page
        self._request_id = request_id
        self._caller = caller
        self._limits = limits or schema.limits
        self._translate = translate
        self._observe = observe
        self._refuse = refuse
        self._finish = finish
        self._timer = timer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = self._timer()
        request = Request(scope, receive)
        request.state.request_id = self._request_id()
        masking = Masking(request.state.request_id, self._translate, self._limits)
        pending = PendingContext(
            partial(self._context, request),
            caller=self._caller,
            request_id=request.state.request_id,
            headers=request.headers,
            is_by_url=request.method != "POST",
        )
        network = network_of(request.client.host) if request.client else None
        try:
            with coming_from(LogOrigin(masking.request_id, network)):
                response = await self._respond(request, masking, pending)
        except ClientDisconnect:
            return  # the client has closed the connection
        if isinstance(response, _Answer):
            seconds = self._timer() - begun
            self._observe(
                RequestRecord(
                    masking.request_id,
                    pending.operation_name,
                    pending.kind,
                    response.outcome,
                    seconds,
                    refusals=tuple(getattr(pending.built, "refusals", ())),
                    is_signed_in=getattr(pending.built, "actor", None) is not None,
                    fallback=pending.fallback,
                )
            )
        self._finish(request, response)
        response.headers["X-Request-Id"] = masking.request_id
        response.headers.add_vary_header("Accept")
        await response(scope, receive, send)

    async def _respond(self, request: Request, masking: Masking, pending: PendingContext) -> Response:
        media_type = answer_type(request.headers)
        try:
            check_method(request)
            if self._page and request.method != "POST" and _is_for_people(request):
                return await self._page(request)
            if media_type is None:
                raise BadHttpRequest(406, "Accept application/graphql-response+json or application/json.")
            if why := self._refuse(request):
                raise BadHttpRequest(400, why)
            asked = await read(request, self._limits)
            return await self._answer(asked, media_type, masking, pending)
        except BadHttpRequest as unreadable:
            error = masking.error(unreadable.refusal)
            return _response([error], media_type or JSON, status=unreadable.status, headers=unreadable.headers)
        except ClientDisconnect:
            raise
        except Exception as exception:
            return _request_errors([masking.exception(exception)], media_type or JSON)

    async def _answer(
        self, asked: GraphQLRequest, media_type: str, masking: Masking, pending: PendingContext
    ) -> Response:
        result = await self._execute(asked, pending)
        errors = masking.errors(result.errors or (), pending.operation_name)
        if errors and _never_ran(result):
            return _request_errors(errors, media_type)
        extensions = dict(result.extensions or {})
        if result.errors and len(result.errors) > len(errors):
            extensions["errorsLeftOut"] = len(result.errors) - len(errors)
        return _response(errors, media_type, data=result.data, extensions=extensions)

    async def _execute(self, asked: GraphQLRequest, pending: PendingContext) -> ExecutionResult:
        served = {OperationType.QUERY} if pending.is_by_url else {OperationType.QUERY, OperationType.MUTATION}
        try:
            result = await self._schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=pending,
                operation_name=asked.operation_name,
                allowed_operation_types=served,
            )
        except MissingQueryError:
            raise Refusal(Code.GRAPHQL_PARSE_FAILED, "The document is empty.") from None
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.MUTATION:
                raise BadHttpRequest(405, "Send mutations by POST.", headers={"Allow": "POST"}) from None
            raise Refusal(Code.OPERATION_RESOLUTION_FAILURE, "Subscriptions are not served here.") from None
        if pending.needs_post:
            message = "Send this by POST: it takes a secret, and URLs are kept in logs."
            raise BadHttpRequest(405, message, headers={"Allow": "POST"})
        return result


def _is_for_people(request: Request) -> bool:
    return names_html(request.headers) and "query" not in request.query_params


def _never_ran(result: ExecutionResult) -> bool:
    # Invalid variables also give an ExecutionResult without data, but its errors have no path, unlike errors of fields.
    return isinstance(result, PreExecutionError) or (
        result.data is None and all(error.path is None for error in result.errors or ())
    )


def _request_errors(errors: list[dict[str, Any]], media_type: str) -> Response:
    """Return the answer to a request that was not executed: errors without `data`. The codes determine the status."""
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
    """The answer to a GraphQL request. `outcome` is "ok" or the first error's code."""

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
