"""Common parts of the routes of CSV files: the caller, errors as JSON, headers, the log line and the metric."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.core.breaking_off import break_off
from api.core.log_origin import LogOrigin, coming_from
from api.core.request_record import OK, FileRecord
from api.graphql.cost.limits import Limits
from api.graphql.error_masking import Masking, Translate
from api.graphql.execution import GatehouseSchema
from api.graphql.http import JSON, BadHttpRequest
from models.db.engines.connection_limit import limit_connections
from resolvers.core.context import Context
from rules.auth.networks import network_of
from rules.refusals import Code, Refusal

MOST_FAULTS = 20
"""The maximum number of errors that the answer to one request lists."""

STATUSES = {
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.NOT_ALLOWED: 403,
    Code.NOT_FOUND: 404,
    Code.IDEMPOTENCY_KEY_REUSED: 409,
    Code.RATE_LIMITED: 429,
    Code.INTERNAL_SERVER_ERROR: 500,
    Code.UNAVAILABLE: 503,
}
"""The HTTP status of an answer, by the code of its first error. For other codes, the status is 400."""

DISCONNECTED = "disconnected"
"""The outcome of an answer whose client has closed the connection."""

_PLACES = ("line", "column")


@dataclass(frozen=True, slots=True)
class CsvRoute:
    """What the routes of CSV files need from the process.

    - `context`: builds the context of a request
    - `request_id`: returns a new id for a request
    - `translate`: converts an exception with a known cause to a Refusal, such as UNAVAILABLE, else returns None
    - `observe`: receives the record of each answered request
    - `timer`: returns seconds, from which the duration of a request is calculated
    """

    schema: GatehouseSchema
    context: Callable[[Request], Awaitable[Context]]
    request_id: Callable[[], str]
    translate: Translate
    observe: Callable[[FileRecord], None]
    timer: Callable[[], float] = time.perf_counter

    @property
    def limits(self) -> Limits:
        return self.schema.limits


@dataclass(slots=True)
class CsvExchange:
    """A request, and the state of its answer until the answer ends.

    - `outcome`, `rows`: the values for the FileRecord of the request
    - `has_begun`: whether the headers of the answer are sent
    - `error_headers`: headers that only an answer with errors has
    """

    request: Request
    masking: Masking
    send: Send
    outcome: str = OK
    rows: int = 0
    has_begun: bool = False
    error_headers: dict[str, str] = field(default_factory=dict)


class CsvEndpoint(ABC):
    """An ASGI application for POST requests of signed-in accounts. Errors are JSON, in the form of /graphql."""

    name: str
    """The name of the route in the log and the metrics."""

    def __init__(self, route: CsvRoute) -> None:
        self.route = route

    @abstractmethod
    async def answer(self, exchange: CsvExchange, context: Context) -> Response | None:
        """Return the response to send, or None if this method has sent the response itself.

        Raise BadHttpRequest or Refusal to answer with an error. After the answer has begun, an exception ends it early.
        """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = self.route.timer()
        request = Request(scope, receive, send)
        request.state.request_id = self.route.request_id()
        masking = Masking(request.state.request_id, self.route.translate, self.route.limits)
        network = network_of(request.client.host) if request.client else None
        with coming_from(LogOrigin(masking.request_id, network)):
            exchange = CsvExchange(request, masking, send)
            try:
                response = await self._answered(exchange)
            except ClientDisconnect:
                exchange.outcome = DISCONNECTED
                return  # the client has closed the connection
            finally:
                seconds = self.route.timer() - begun
                told = FileRecord(masking.request_id, self.name, exchange.outcome, exchange.rows, seconds)
                self.route.observe(told)
        if response:
            response.headers["X-Request-Id"] = masking.request_id
            await response(scope, receive, send)

    async def _answered(self, exchange: CsvExchange) -> Response | None:
        """Call `answer`, and convert an exception to an error response.

        Return None if the answer has been sent already, complete or not.
        """
        try:
            if exchange.request.method != "POST":
                raise BadHttpRequest(405, "Send this by POST.", headers={"Allow": "POST"})
            with limit_connections(self.route.limits.connections):
                return await self.answer(exchange, await self.route.context(exchange.request))
        except BadHttpRequest as unreadable:
            exchange.outcome = unreadable.refusal.code
            error = exchange.masking.error(unreadable.refusal)
            return _response([error], unreadable.status, {**exchange.error_headers, **unreadable.headers})
        except ClientDisconnect:
            raise
        except Exception as exception:
            errors, status = errors_of(exception, exchange.masking)
            exchange.outcome = str(errors[0]["extensions"]["code"])
            if exchange.has_begun:
                if not break_off(exchange.request.scope):
                    raise
                return None
            challenge = {"WWW-Authenticate": "Bearer"} if status == STATUSES[Code.UNAUTHENTICATED] else {}
            return _response(errors, status, {**exchange.error_headers, **challenge})


def errors_of(exception: Exception, masking: Masking) -> tuple[list[dict[str, Any]], int]:
    """Convert an exception to the errors and the status of the answer."""
    if isinstance(exception, Refusal):
        errors = [_error(fault, masking) for fault in exception.faults[:MOST_FAULTS]]
    else:
        errors = [dict[str, Any](masking.exception(exception))]
    return errors, STATUSES.get(errors[0]["extensions"]["code"], 400)


def _error(fault: Refusal, masking: Masking) -> dict[str, Any]:
    """Convert a refusal to an error of the answer.

    The error's extensions contain the code, and each of these values that the refusal has:

    - `problem` and `params` of the refusal's message
    - `field`, the name of the field that caused the refusal
    - `line` and `column`, the place in the file
    """
    error: dict[str, Any] = masking.error(fault)
    params = {name: value for name, value in fault.params.items() if name != "problem"}
    known: dict[str, Any] = {"problem": fault.params.get("problem"), "params": params or None}
    known["field"] = next((part for part in reversed(fault.path or ()) if not part.isdecimal()), None)
    known |= {name: int(params[name]) for name in _PLACES if name in params}
    error["extensions"] = {**error["extensions"], **{name: value for name, value in known.items() if value is not None}}
    return error


def _response(errors: list[Any], status: int, headers: Mapping[str, str]) -> Response:
    return Response(
        orjson.dumps({"errors": errors}), status, headers=dict(headers), media_type=f"{JSON}; charset=utf-8"
    )
