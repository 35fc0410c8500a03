"""The executable schema. It checks limits before validation, and lets heavy operations take turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import strawberry
from graphql import GraphQLError, GraphQLInputObjectType
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types import ExecutionContext
from strawberry.types.graphql import OperationType

from api.core.request_record import LONGEST_NAME
from api.graphql.completion.fast_completion import FastExecution
from api.graphql.cost.limits import DEFAULT_LIMITS, Limits
from api.graphql.documents import Documents
from api.graphql.turns import Turns
from models.db.engines.connections_per_request import limit_connections
from resolvers.loading.pacing import counting_waiting_resolvers
from rules.refusals import Code, Refusal


@dataclass(slots=True)
class PendingContext:
    """A context that is built when its operation is executed. A refused request therefore reads no rows.

    Pass the object as the context to `execute`. Resolvers get the result of `build`. The schema sets `cost`,
    `operation_name`, `kind` and `built`. `caller` returns the caller of the built context. `is_by_url` states whether
    the document came in a URL. `needs_post` is set if the document was refused for that reason.
    """

    build: Callable[[], Awaitable[object]]
    caller: Callable[[Any], Hashable] = id
    cost: int = 0
    request_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    operation_name: str | None = None
    kind: str | None = None
    built: object = None
    is_by_url: bool = False
    needs_post: bool = False


class GatehouseSchema(strawberry.Schema):
    """A schema that checks the limits before validation. Its errors suggest no names, and it logs no documents."""

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
            extensions=[*([tracing] if tracing else []), lambda: _OperationStart(self)],
        )
        self.limits = limits
        self.documents = Documents(self._schema, limits, introspection=introspection)
        self.turns = Turns()

    def get_extensions(self, sync: bool = False) -> list[SchemaExtension]:
        """Return the extensions of an execution.

        Synchronous execution leaves out `_Execution`, which requires an event loop.
        """
        return super().get_extensions(sync) + ([] if sync else [_Execution(self)])

    def _extend_introspection(self) -> None:
        """Make graphql-core implement @oneOf in introspection, documents and variables, instead of Strawberry.

        Strawberry also returns `isOneOf` for types other than input objects, and its errors do not name the variable.
        """
        for type_ in self._schema.type_map.values():
            if isinstance(type_, GraphQLInputObjectType):
                definition = (type_.extensions or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF)
                type_.is_one_of = bool(getattr(definition, "is_one_of", False))

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Do nothing. Strawberry's method would log the text of the document. `Masking` logs the errors instead."""

    def _get_custom_context_kwargs(
        self, operation_extensions: dict[str, Any] | None = None, *, sync: bool = False
    ) -> dict[str, Any]:
        # Strawberry has no option for these arguments of graphql-core.
        switches = {"hide_suggestions": True, "max_coercion_errors": self.limits.validation_errors}
        return super()._get_custom_context_kwargs(operation_extensions, sync=sync) | switches


class _OperationStart(SchemaExtension):
    """Reads the document and checks the limits before the context is built. Raises Refusal if a limit is exceeded."""

    def __init__(self, schema: GatehouseSchema) -> None:
        self._schema = schema

    def on_parse(self) -> Iterator[None]:
        asked = self.execution_context
        self._document = self._schema.documents.read(asked.query or "")
        # Read operation_name before the document is set. Afterwards Strawberry returns the first operation's name for None.
        cost = self._document.check(asked.operation_name, asked.variables or {}, self._schema.limits)
        if isinstance(asked.context, PendingContext):
            asked.context.cost = cost
            if asked.context.is_by_url and self._document.takes_secret:
                asked.context.needs_post = True
                raise Refusal(Code.BAD_USER_INPUT, "This takes a secret, which may not be in a URL.")
        asked.graphql_document = self._document.node
        yield

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = list(self._document.errors)
        yield


class _Execution(SchemaExtension):
    """Builds the context for resolvers. Limits the duration and the database connections of the operation."""

    def __init__(self, schema: GatehouseSchema) -> None:
        self._schema = schema

    async def on_execute(self) -> AsyncIterator[None]:
        asked = self.execution_context
        pending = asked.context
        if not isinstance(pending, PendingContext):
            yield
            return
        pending.operation_name = asked.operation_name and asked.operation_name[:LONGEST_NAME]
        pending.kind = asked.operation_type.value
        limits = self._schema.limits
        # A mutation has no time limit, because its client could not know which root fields were committed.
        seconds = limits.seconds if asked.operation_type is OperationType.QUERY else None
        try:
            async with asyncio.timeout(seconds):
                asked.context = context = pending.built = await pending.build()
                with limit_connections(limits.connections), counting_waiting_resolvers():
                    if pending.cost <= limits.light:
                        yield
                        return
                    async with self._schema.turns.turn(pending.caller(context)):
                        yield
        except TimeoutError:
            raise Refusal(
                Code.UNAVAILABLE,
                f"This took longer than {limits.seconds} seconds. Ask for less at once, or try again later.",
            ) from None


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
    """Return the schema of these types. `tracing` creates the extension that records spans."""
    return GatehouseSchema(
        query, mutation, types=types, introspection=introspection, limits=limits, config=config, tracing=tracing
    )
