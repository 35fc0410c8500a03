"""The executable schema. It checks limits before validation, and limits the heavy operations of each caller."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any, NamedTuple

import strawberry
from graphql import GraphQLError, GraphQLInputObjectType, GraphQLSchema
from graphql.execution.values import VariableValues
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from api.core.request_record import LONGEST_NAME
from api.graphql.compiled.compiled_document import Fallback
from api.graphql.compiled.operation import CompiledOperation, RootResults
from api.graphql.cost.limits import DEFAULT_LIMITS, Limits
from api.graphql.documents import Documents
from api.graphql.pacing.bounds import OperationBounds
from api.graphql.pacing.paced_execution import PacedExecution
from api.graphql.pending_context import PendingContext
from rules.refusals import Code, Refusal


class GatehouseSchema(strawberry.Schema):
    """A schema that checks limits before it validates a document, suggests no similar names, and logs no documents."""

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
            execution_context_class=PacedExecution,
            extensions=[*([tracing] if tracing else []), lambda: _OperationStart(self)],
        )
        self.limits = limits
        self.documents = Documents(self._schema, limits, introspection=introspection)
        self.bounds = OperationBounds(limits)
        self.compiles = True
        """Whether operations are compiled. If false, graphql-core executes all requests; the answers are the same."""
        self._is_traced = tracing is not None

    @property
    def core(self) -> GraphQLSchema:
        """The schema of graphql-core, which Strawberry made from the types."""
        return self._schema

    async def execute(  # the base class has these parameters
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Execute a GraphQL operation.

        If `context_value` is a PendingContext, a compiled operation answers if possible. Otherwise graphql-core
        executes the operation. Both return the same result.
        """

        async def by_graphql_core(results: RootResults | None = None) -> ExecutionResult:
            return await super(GatehouseSchema, self).execute(
                query,
                variable_values,
                context_value,
                root_value if results is None else results,
                operation_name,
                allowed_operation_types,
                operation_extensions,
            )

        if not (self.compiles and isinstance(context_value, PendingContext)):
            return await by_graphql_core()
        prepared = self._prepare(query, variable_values or {}, context_value, operation_name, allowed_operation_types)
        if isinstance(prepared, Fallback):
            context_value.fallback = prepared
            return await by_graphql_core()
        try:
            async with self.bounds.running(context_value) as context:
                data, results = await prepared.plan.run(context, prepared.variables)
                if data is not None:
                    return ExecutionResult(data=data, errors=None)
                context_value.fallback = Fallback.ERROR
                return await by_graphql_core(results)
        except Exception as error:
            return PreExecutionError(data=None, errors=[_as_graphql_error(error)])

    def _prepare(
        self,
        query: str | None,
        variables: dict[str, Any],
        pending: PendingContext,
        operation_name: str | None,
        allowed: Iterable[OperationType] | None,
    ) -> _Prepared | Fallback:
        """Return the compiled operation with its checked variables, or the reason why graphql-core must execute it."""
        if self._is_traced:
            return Fallback.TRACING
        try:
            pending.document = document = self.documents.read(query or "")
            pending.cost = document.check(operation_name, variables, self.limits)
        except Exception as refused:
            pending.refused = refused
            return Fallback.REFUSED
        if document.compiled is None:
            return Fallback.REFUSED if document.errors else Fallback.NOT_CACHED
        operation = document.operation(operation_name)
        kind = OperationType(operation.operation.value)
        if kind not in (allowed or ()) or (pending.is_by_url and document.takes_secret):
            return Fallback.REFUSED
        values = document.compiled.coerced(operation, variables)
        if values is None:
            return Fallback.REFUSED
        plan = document.compiled.find(operation, values)
        if isinstance(plan, Fallback):
            return plan
        pending.operation_name = operation.name.value[:LONGEST_NAME] if operation.name else None
        pending.kind = kind.value
        return _Prepared(plan, values)

    def get_extensions(self, sync: bool = False) -> list[SchemaExtension]:
        """Return the extensions of an execution.

        Synchronous execution leaves out `_Execution`, which requires an event loop.
        """
        return super().get_extensions(sync) + ([] if sync else [_Execution(self)])

    def _extend_introspection(self) -> None:
        """Mark the @oneOf inputs for graphql-core, which then implements @oneOf instead of Strawberry.

        Strawberry's own errors do not name the variable, and its introspection returns `isOneOf` for types other than
        input objects.
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
    """The steps before the execution: read the document, check the limits, and report the validation errors.

    They run before the resolvers' context is built. They raise Refusal if a limit is exceeded, or if the query is in a
    URL and selects a field that takes a secret.
    """

    def __init__(self, schema: GatehouseSchema) -> None:
        self._schema = schema

    def on_parse(self) -> Iterator[None]:
        asked = self.execution_context
        pending = asked.context if isinstance(asked.context, PendingContext) else None
        if pending and pending.refused:
            raise pending.refused
        if pending and pending.document:
            self._document = pending.document
        else:
            self._document = self._schema.documents.read(asked.query or "")
            # Read operation_name before the document is set. Afterwards Strawberry returns the first operation's name
            # for None.
            cost = self._document.check(asked.operation_name, asked.variables or {}, self._schema.limits)
            if pending:
                pending.cost = cost
        if pending and pending.is_by_url and self._document.takes_secret:
            pending.needs_post = True
            raise Refusal(Code.BAD_USER_INPUT, "This takes a secret, which may not be in a URL.")
        asked.graphql_document = self._document.node
        yield

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = list(self._document.errors)
        yield


class _Execution(SchemaExtension):
    """Builds the context of the resolvers, and limits the execution (`OperationBounds`)."""

    def __init__(self, schema: GatehouseSchema) -> None:
        self._schema = schema

    async def on_execute(self) -> AsyncIterator[None]:
        asked = self.execution_context
        pending = asked.context
        if not isinstance(pending, PendingContext):
            yield
            return
        if pending.built is not None:  # the compiled operation has run, and its bounds still hold
            asked.context = pending.built
            yield
            return
        pending.operation_name = asked.operation_name and asked.operation_name[:LONGEST_NAME]
        pending.kind = asked.operation_type.value
        async with self._schema.bounds.running(pending) as context:
            asked.context = context
            yield


class _Prepared(NamedTuple):
    """A compiled operation, and the checked variables of a request."""

    plan: CompiledOperation
    variables: VariableValues


def _as_graphql_error(error: Exception) -> GraphQLError:
    return error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)


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
    """Return the schema with these types. `tracing` makes the extension that records spans, if given."""
    return GatehouseSchema(
        query, mutation, types=types, introspection=introspection, limits=limits, config=config, tracing=tracing
    )
