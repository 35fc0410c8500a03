"""OpenTelemetry spans: a span for each GraphQL request, with a child span for each root field.

Like the log, spans hold names, times and classes of errors, and no content of requests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from inspect import isawaitable
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo
from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode
from strawberry.extensions import LifecycleStep, SchemaExtension
from strawberry.extensions.tracing import OpenTelemetryExtension
from strawberry.extensions.tracing.utils import should_skip_tracing

from api.core.exceptions import kind_of
from api.graphql.pending_context import PendingContext
from rules.refusals import Refusal

REFUSED_BEFORE_EXECUTION = "GraphQL request"
"""The name of the span of a request that was not executed.

The span is not named after the operation, because the operation name in the request is not validated.
"""


class RequestSpans(OpenTelemetryExtension):
    """An extension of Strawberry that records spans, without documents, arguments, aliases or error messages."""

    def on_operation(self) -> Iterator[None]:  # type: ignore[override]  # the base class promises a whole generator
        pending = self.execution_context.context
        request = pending if isinstance(pending, PendingContext) else PendingContext(_no_context)
        span = self._tracer.start_span(
            REFUSED_BEFORE_EXECUTION, kind=SpanKind.SERVER, context=propagate.extract(dict(request.headers))
        )
        span.set_attribute("gatehouse.request_id", request.request_id)
        self._span_holder[LifecycleStep.OPERATION] = span
        try:
            yield
        except Exception as error:
            if request.kind:  # the operation was executed; a refusal before that is the client's error
                _mark(span, error)
            raise
        finally:
            _name(span, request)
            for failure in self.execution_context.pre_execution_errors or ():
                _mark(span, failure)
            span.end()

    # Parsing and validation have no spans, because they take microseconds for a cached document.
    on_parse = SchemaExtension.on_parse  # type: ignore[assignment]  # the base class wants a whole generator
    on_validate = SchemaExtension.on_validate  # type: ignore[assignment]  # as above

    # Not a coroutine function, because the results of all fields without a span would then become awaitables.
    def resolve(
        self, _next: Callable[..., Any], root: Any, info: GraphQLResolveInfo[Any], *args: str, **kwargs: Any
    ) -> Any:
        # Only root fields have spans. Otherwise each row of a list would have spans.
        if info.path.prev is not None or should_skip_tracing(_next, info):
            return _next(root, info, *args, **kwargs)
        return self._traced(lambda: _next(root, info, *args, **kwargs), info)

    async def _traced(self, answer: Callable[[], Awaitable[Any] | Any], info: GraphQLResolveInfo[Any]) -> Any:
        with self._tracer.start_as_current_span(
            f"{info.parent_type.name}.{info.field_name}",
            context=trace.set_span_in_context(self._span_holder[LifecycleStep.OPERATION]),
            # Both options would record the exception's message.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                given = answer()
                return await given if isawaitable(given) else given
            except Exception as error:
                _mark(span, error)
                raise


def span_exporter() -> TracerProvider:
    """Return a provider that sends spans in batches by OTLP over HTTP. The OTEL_ variables configure the provider."""
    named = {SERVICE_NAME: "gatehouse", **OTELResourceDetector().detect().attributes}
    provider = TracerProvider(resource=Resource.create(named))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def _name(span: Span, request: PendingContext) -> None:
    if request.kind is None:
        return
    span.update_name(f"{request.kind} {request.operation_name}" if request.operation_name else request.kind)
    span.set_attribute("graphql.operation.type", request.kind)
    if request.operation_name:
        span.set_attribute("graphql.operation.name", request.operation_name)


def _mark(span: Span, error: Exception) -> None:
    """Mark the span as failed, with the class of `error`. Do nothing if the client caused `error`."""
    while isinstance(error, GraphQLError) and error.original_error:
        error = error.original_error
    if not isinstance(error, Refusal | GraphQLError):
        span.set_status(StatusCode.ERROR)
        span.set_attribute("error.type", kind_of(error))


async def _no_context() -> None: ...
