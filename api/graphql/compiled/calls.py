"""Call the resolvers of a compiled operation.

Compiling makes a ResolverCall for each selected field that has a resolver.
"""

from __future__ import annotations

from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.values import VariableValues

from api.graphql.compiled import internals
from api.graphql.compiled.internals import Details
from api.graphql.compiled.started_resolvers import started
from api.graphql.compiled.values import OperationRun
from resolvers.loading.batched import is_batched


class NotCompiled(Exception):
    """Raised if a GraphQL operation cannot be compiled. graphql-core then executes the operation."""


class ResolverCall:
    """Calls the resolver of one selected field, and the field's extensions.

    If the arguments contain no variables, they are usually converted once, when the operation is compiled. All requests
    share the converted arguments, so a resolver must not change them.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        parent: GraphQLObjectType,
        field: GraphQLField,
        details: Details,
        response: str,
    ) -> None:
        definition = internals.field_definition(field)
        chain = internals.resolver_chain(definition) if definition else None
        if definition is None or chain is None:
            raise NotCompiled
        self._field = field
        self._node = details[0].node
        self._conversion = internals.ArgumentConversion(schema, field, definition)
        self._resolve = chain
        self._is_batched = is_batched(internals.resolver_function(definition)) and not definition.extensions
        self._info = internals.InfoMaker(schema, operation, parent, field, details, response)
        self._by_variable, fixed = _split(self._node)
        self._fixed = self._read_once(fixed)

    def __call__(self, source: Any, run: OperationRun) -> Any:
        """Call the resolver for the object `source`. Return its result, or an awaitable of the result."""
        value = self.resolve(source, run, self.arguments(run.variables))
        return started(value) if self._is_batched else value

    def resolve(self, source: Any, run: OperationRun, arguments: dict[str, Any]) -> Any:
        """Call the resolver with `arguments`, which `self.arguments` has returned. Return its result, or an awaitable
        of the result.

        `source` is the object that has the field.
        """
        info = run.infos.get(self)
        if info is None:  # the resolvers of all rows have the same info
            info = run.infos[self] = self._info.make(run.variables, run.context)
        return self._resolve(source, info, **arguments)

    def arguments(self, values: VariableValues) -> dict[str, Any]:
        """Return the resolver's arguments by their Python names, such as `{"order_by": […]}`.

        `values` are the variables of the request. Raise GraphQLError if an argument is not valid.
        """
        fixed, coerced = self._fixed, values.coerced
        if fixed is not None and not self._by_variable:
            return fixed
        if fixed is None or any(variable not in coerced for variable in self._by_variable.values()):
            return self._conversion.converted(internals.coerced_arguments(self._field, self._node, values))
        chosen = {name: coerced[variable] for name, variable in self._by_variable.items()}
        return fixed | self._conversion.converted(chosen)

    def _read_once(self, fixed: FieldNode | None) -> dict[str, Any] | None:
        """Convert the constant arguments once, when the operation is compiled. Return them by their Python names.

        `fixed` is the field with only its constant arguments, as `_split` returns it. If `fixed` is None, or if a
        required argument is a variable, return None: the field's arguments are then converted at each request.
        """
        arguments = self._field.args
        if fixed is None or any(isinstance(arguments[name].type, GraphQLNonNull) for name in self._by_variable):
            return None
        known = {name: argument for name, argument in arguments.items() if name not in self._by_variable}
        coerced = internals.coerced_arguments(GraphQLField(self._field.type, args=known), fixed)
        return self._conversion.converted(coerced)


class _VariableFinder(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.found = True


def _split(node: FieldNode) -> tuple[dict[str, str], FieldNode | None]:
    """Split a field's arguments into plain variables, such as `id: $user`, and constants.

    Return the variables by argument, such as `{"id": "user"}`, and a copy of the field with only the constants. The
    copy is None if another argument contains a variable, such as `filter: {id: $user}`.
    """
    by_variable = {a.name.value: a.value.name.value for a in node.arguments or () if isinstance(a.value, VariableNode)}
    others = tuple(a for a in node.arguments or () if a.name.value not in by_variable)
    finder = _VariableFinder()
    for argument in others:
        visit(argument, finder)
    return by_variable, None if finder.found else FieldNode(name=node.name, arguments=others, directives=())
