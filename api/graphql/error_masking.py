"""Masking of errors: clients do not see the messages of internal errors.

Clients see the messages of refusals, and of errors in the document, its variables and its arguments. For any other
exception, they see the request id, and the log has the exception's class and frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import structlog
from graphql import ArgumentNode, GraphQLError, GraphQLSyntaxError, ValueNode
from strawberry.exceptions import StrawberryInputCoercionError

from api.core.exceptions import frames_of, kind_of, trace_of
from api.graphql.cost.limits import Limits
from api.graphql.value_messages import values_as_json
from rules.instants import rfc_3339
from rules.refusals import REQUEST_CODES, Code, Refusal

Translate = Callable[[BaseException], Refusal | None]

# The exceptions by which a scalar rejects a value. Any other exception of a scalar is a bug.
_UNFIT = (GraphQLError, ValueError, TypeError, Refusal)
_MOST_LOCATIONS = 10
_MOST_CAUSES = 5


@dataclass(frozen=True, slots=True)
class Masking:
    """Converts the exceptions of one request to the errors of its answer."""

    request_id: str
    translate: Translate
    limits: Limits

    def errors(self, errors: Sequence[GraphQLError], operation_name: str | None = None) -> list[dict[str, object]]:
        """Return the list `errors` of the answer: the first `limits.errors` of the given errors, each with a code.

        Internal errors are logged. Errors with the same class and frames are logged only once.
        """
        logged: set[object] = set()
        answered = []
        for error in errors[: self.limits.errors]:
            refusal = self._refusal(error)
            self._log_once(_root(error), refusal, operation_name, logged)
            answered.append(self._located(error) | self.error(refusal))
        return answered

    def exception(self, exception: Exception) -> dict[str, object]:
        """Convert an exception from outside of the execution to an error of the answer. Log an internal error."""
        refusal = self._as_refusal(exception)
        self._log_once(exception, refusal, None, set())
        return self.error(refusal)

    def error(self, refusal: Refusal | None) -> dict[str, object]:
        """Convert a refusal to an error of the answer. None becomes an internal error with the request id."""
        if refusal is None:
            message = f"Something went wrong on our side. Quote request id {self.request_id} when you report it."
            return {
                "message": message,
                "extensions": {"code": Code.INTERNAL_SERVER_ERROR, "requestId": self.request_id},
            }
        extensions: dict[str, object] = {"code": refusal.code}
        if refusal.retry_at:
            extensions["retryAt"] = rfc_3339(refusal.retry_at)
        return {"message": self._cut(str(refusal)), "extensions": extensions}

    def _refusal(self, error: GraphQLError) -> Refusal | None:
        if isinstance(error, GraphQLSyntaxError):
            return Refusal(Code.GRAPHQL_PARSE_FAILED, error.message)
        root = _root(error)
        # An error without a path is about the document or its variables if it has nodes or wraps no other exception.
        # An exception of the context has no path and no nodes, and is wrapped.
        unfit = error.path is None and (error.nodes or root is error)
        if (unfit or _blames_an_argument(error)) and isinstance(root, _UNFIT):
            return Refusal((error.extensions or {}).get("code", Code.BAD_USER_INPUT), values_as_json(error.message))
        return self._as_refusal(root)

    def _as_refusal(self, exception: Exception) -> Refusal | None:
        refusal = exception if isinstance(exception, Refusal) else self.translate(exception)
        return refusal if refusal and refusal.code in REQUEST_CODES else None

    def _located(self, error: GraphQLError) -> dict[str, object]:
        place: dict[str, object] = {}
        if error.locations:
            place["locations"] = [location.formatted for location in error.locations[:_MOST_LOCATIONS]]
        if error.path is not None:
            place["path"] = error.path
        return place

    def _cut(self, message: str) -> str:
        most = self.limits.message
        return message if len(message) <= most else f"{message[: most - 1]}…"

    def _log_once(
        self, exception: Exception, refusal: Refusal | None, operation_name: str | None, logged: set[object]
    ) -> None:
        if refusal and isinstance(exception, _UNFIT):
            return
        # A bug in a field of a list raises in every row. Log it once.
        kind, frames = kind_of(exception), frames_of(exception)
        if (kind, *frames) in logged:
            return
        logged.add((kind, *frames))
        report = structlog.get_logger().bind(
            request_id=self.request_id, operation_name=operation_name, exception=kind, frames=frames
        )
        if refusal:
            report.warning("request.refused", code=refusal.code)
        else:
            causes = [trace_of(cause) for cause in _causes(exception)]
            report.error("request.failed", causes=causes)


def _root(error: GraphQLError) -> Exception:
    """Return the exception inside graphql-core's errors, at any depth, or `error` itself if there is none."""
    root: Exception = error
    while isinstance(root, GraphQLError) and root.original_error:
        root = root.original_error
    return root


def _blames_an_argument(error: GraphQLError) -> bool:
    """Return whether a client's wrong argument caused the error, such as null for a required argument."""
    raised = error.original_error or error
    if isinstance(raised, StrawberryInputCoercionError):
        return True
    # graphql-core locates errors of arguments at a value, and errors of resolvers at a field.
    return isinstance(raised, GraphQLError) and any(
        isinstance(node, ValueNode | ArgumentNode) for node in raised.nodes or ()
    )


def _causes(exception: BaseException) -> Iterator[BaseException]:
    for _ in range(_MOST_CAUSES):
        cause = exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)
        if cause is None:
            return
        yield cause
        exception = cause
