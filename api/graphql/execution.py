"""The schema as it is served: guarded by limits, and fair among callers."""

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
from models.db.engines.connection_quota import at_most_connections
from resolvers.loading.pacing import counting_waiting_resolvers
from rules.refusals import Code, Refusal


@dataclass(slots=True)
class PendingContext:
    """A request's context before it is worth building: what fails a check on the way in costs no look at the database.

    Given as the context to execute, it becomes what `build` answers, and learns the operation's name, kind and cost.
    `caller` names who calls, of what `build` answered. `is_by_url` says that the request is in a URL; `needs_post` is set
    for one that may not be, which is refused.
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
            extensions=[*([tracing] if tracing else []), lambda: _OperationStart(self)],
        )
        self.limits = limits
        self.documents = Documents(self._schema, limits, introspection=introspection)
        self.turns = Turns()

    def get_extensions(self, sync: bool = False) -> list[SchemaExtension]:
        """Building a context needs an event loop; everything else is as good without."""
        return super().get_extensions(sync) + ([] if sync else [_Execution(self)])

    def _extend_introspection(self) -> None:
        """Leave @oneOf to graphql-core, which knows it: in introspection, in documents and in variables.

        Strawberry answers `isOneOf` for types that are no input objects, and a wrong variable without naming it.
        """
        for type_ in self._schema.type_map.values():
            if isinstance(type_, GraphQLInputObjectType):
                definition = (type_.extensions or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF)
                type_.is_one_of = bool(getattr(definition, "is_one_of", False))

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: Strawberry would log the document's text. Masking logs what is worth it, and knows the request."""

    def _get_custom_context_kwargs(
        self, operation_extensions: dict[str, Any] | None = None, *, sync: bool = False
    ) -> dict[str, Any]:
        # graphql-core's own switches for what the variables may tell; Strawberry has no other way to them.
        switches = {"hide_suggestions": True, "max_coercion_errors": self.limits.validation_errors}
        return super()._get_custom_context_kwargs(operation_extensions, sync=sync) | switches


class _OperationStart(SchemaExtension):
    """Lets an operation in, or raises why not, before anything is done for it."""

    def __init__(self, schema: GatehouseSchema) -> None:
        self._schema = schema

    def on_parse(self) -> Iterator[None]:
        asked = self.execution_context
        self._document = self._schema.documents.read(asked.query or "")
        # The name that was given, if any: once there is a document, Strawberry puts its first operation's in its place.
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
    """Turns a PendingContext into the context that resolvers see, and bounds what the operation may take of the server."""

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
        # A mutation is never cut short: nothing could tell what of it was done.
        seconds = limits.seconds if asked.operation_type is OperationType.QUERY else None
        try:
            async with asyncio.timeout(seconds):
                asked.context = context = pending.built = await pending.build()
                with at_most_connections(limits.connections), counting_waiting_resolvers():
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
    """The schema of these types, guarded by these limits; `tracing` makes what tells of each operation."""
    return GatehouseSchema(
        query, mutation, types=types, introspection=introspection, limits=limits, config=config, tracing=tracing
    )
