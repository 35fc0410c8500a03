"""The compiled operations of one document. An operation is compiled when a request first needs it, and then kept."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.values import VariableValues

from api.graphql.compiled.calls import NotCompiled
from api.graphql.compiled.internals import VariableCoercion
from api.graphql.compiled.operation import CompiledOperation

MOST_VARIANTS = 16
"""The maximum number of compiled variants of one document.

A variant is an operation of the document with one combination of values of the variables in @skip and @include.
"""


class Fallback(StrEnum):
    """The reason why graphql-core, and not a compiled operation, executed a request. The values are labels of a metric."""

    REFUSED = "refused"
    """The request was refused, because of its document, its operation name, its variables or its cost."""

    INTROSPECTION = "introspection"
    """The operation selects an introspection field, or another field that cannot be compiled."""

    VARIANTS = "variants"
    """MOST_VARIANTS variants of the document have been compiled already. @skip and @include cause the variants."""

    NOT_CACHED = "not_cached"
    """The document is too large for the cache of documents."""

    TRACING = "tracing"
    """Tracing is on. The extension that records spans runs with graphql-core only."""

    ERROR = "error"
    """A resolver failed, or a value could not be completed."""


class CompiledDocument:
    """Compiles the operations of one document, and keeps the compiled variants.

    A variant is an operation with one combination of values in @skip and @include.
    """

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._document = document
        self._coercions: dict[int, VariableCoercion] = {}
        self._conditions: dict[int, tuple[str, ...]] = {}
        self._variants: dict[tuple[Any, ...], CompiledOperation | Fallback] = {}

    @property
    def variants(self) -> int:
        """The number of cached variants of the document's operations, including those that could not be compiled."""
        return len(self._variants)

    def coerced(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> VariableValues | None:
        """Convert the variables of a request to their declared types (GraphQL's coercion).

        Return None if a variable is not valid. graphql-core then executes the operation and reports the errors.
        """
        coercion = self._coercions.get(id(operation))
        if coercion is None:
            coercion = self._coercions[id(operation)] = VariableCoercion(self._schema, operation)
        return coercion.coerced(variables)

    def find(self, operation: OperationDefinitionNode, variables: VariableValues) -> CompiledOperation | Fallback:
        """Return the compiled variant of `operation` for these variables. Compile it at its first use.

        If this is not possible, return the reason why graphql-core must execute the operation.
        """
        names = self._conditions.get(id(operation))
        if names is None:
            names = self._conditions[id(operation)] = condition_variables(self._document)
        coerced = variables.coerced
        key = (id(operation), *[coerced.get(name) for name in names])
        if key not in self._variants:
            if len(self._variants) >= MOST_VARIANTS:
                return Fallback.VARIANTS
            self._variants[key] = self._compiled(operation, {name: coerced[name] for name in names if name in coerced})
        return self._variants[key]

    def _compiled(
        self, operation: OperationDefinitionNode, conditions: Mapping[str, bool]
    ) -> CompiledOperation | Fallback:
        try:
            return CompiledOperation(self._schema, self._document, operation, conditions)
        except NotCompiled:
            return Fallback.INTROSPECTION
        except (GraphQLError, RecursionError):  # graphql-core reports what is not valid
            return Fallback.REFUSED


def condition_variables(document: DocumentNode) -> tuple[str, ...]:
    """Return the names of the variables in @skip and @include, in the document's order and without duplicates."""
    finder = _ConditionFinder()
    visit(document, finder)
    return tuple(finder.names)


class _ConditionFinder(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self._note(node.directives)

    def enter_fragment_spread(self, node: Any, *_: Any) -> None:
        self._note(node.directives)

    def enter_inline_fragment(self, node: Any, *_: Any) -> None:
        self._note(node.directives)

    def _note(self, directives: tuple[DirectiveNode, ...] | None) -> None:
        for directive in directives or ():
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode):
                    self.names[argument.value.name.value] = None
