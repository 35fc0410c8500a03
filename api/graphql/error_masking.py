"""What an error tells: a rule's words to the client, a bug's place to the log and a number to the client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from graphql import ArgumentNode, GraphQLError, GraphQLSyntaxError, ValueNode
from strawberry.exceptions import StrawberryInputCoercionError

from api.core.exceptions import frames_of, kind_of, trace_of
from api.graphql.cost.limits import Limits
from api.graphql.messages import as_clients_write
from rules.refusals import REQUEST_CODES, Code, Refusal

Translate = Callable[[BaseException], Refusal | None]

# How a scalar says that a value is none of its own; another exception of a scalar's is a bug.
_UNFIT = (GraphQLError, ValueError, TypeError, Refusal)
_MOST_LOCATIONS = 10
_MOST_CAUSES = 5


@dataclass(frozen=True, slots=True)
class Masking:
    """Turns the errors of one request into what its answer shows."""

    request_id: str
    translate: Translate
    limits: Limits

    def errors(self, errors: Sequence[GraphQLError], operation_name: str | None = None) -> list[dict[str, object]]:
        """The first errors, each with a code from REQUEST_CODES; what is masked or translated is logged, once."""
        logged: set[object] = set()
        answered = []
        for error in errors[: self.limits.errors]:
            refusal = self._refusal(error)
            self._log_once(_root(error), refusal, operation_name, logged)
            answered.append(self._located(error) | self.error(refusal))
        return answered

    def exception(self, exception: Exception) -> dict[str, object]:
        """As `errors`, for what was raised outside of a run."""
        refusal = self._spoken(exception)
        self._log_once(exception, refusal, None, set())
        return self.error(refusal)

    def error(self, refusal: Refusal | None) -> dict[str, object]:
        """One error of an answer: what the refusal says, or for None that something is broken."""
        if refusal is None:
            message = f"Something went wrong on our side. Quote request id {self.request_id} when you report it."
            return {
                "message": message,
                "extensions": {"code": Code.INTERNAL_SERVER_ERROR, "requestId": self.request_id},
            }
        extensions: dict[str, object] = {"code": refusal.code}
        if refusal.retry_at:
            extensions["retryAt"] = _rfc_3339(refusal.retry_at)
        return {"message": self._cut(str(refusal)), "extensions": extensions}

    def _refusal(self, error: GraphQLError) -> Refusal | None:
        if isinstance(error, GraphQLSyntaxError):
            return Refusal(Code.GRAPHQL_PARSE_FAILED, error.message)
        root = _root(error)
        # At no field, yet at a place in the document or about all of it: it does not fit the schema, or its variables
        # do not. The context's failure is at no place, and about something else.
        unfit = error.path is None and (error.nodes or root is error)
        if (unfit or _blames_an_argument(error)) and isinstance(root, _UNFIT):
            return Refusal((error.extensions or {}).get("code", Code.BAD_USER_INPUT), as_clients_write(error.message))
        return self._spoken(root)

    def _spoken(self, exception: Exception) -> Refusal | None:
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
        # A bug in a field of a list fails in every row, in the same place.
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
    """The exception behind an error, which graphql-core may have wrapped more than once; else the error itself."""
    root: Exception = error
    while isinstance(root, GraphQLError) and root.original_error:
        root = root.original_error
    return root


def _blames_an_argument(error: GraphQLError) -> bool:
    """Whether a value that the client sent was refused while the document ran, as a null for $n: Int = 5 is."""
    raised = error.original_error or error
    if isinstance(raised, StrawberryInputCoercionError):
        return True
    # That its place is a value is how graphql-core's own errors of this kind differ from a resolver's.
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


def _rfc_3339(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
