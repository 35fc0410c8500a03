"""Call the resolver of a selected field through the field's extensions. Arguments without variables are read only once."""

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
    """Calls the resolver of one selected field.

    Arguments without variables are coerced and converted once, when the operation is compiled. An argument whose whole
    value is a variable is converted at each request. In two cases, graphql-core reads all arguments at each request:

    - An argument has a variable inside a list or an object.
    - The request does not give one of the variables.

    Requests share converted arguments, so resolvers must not change them.
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
        """Return what the resolver returns: a value, or an awaitable of it."""
        value = self.resolve(source, run, self.arguments(run.variables))
        return started(value) if self._is_batched else value

    def resolve(self, source: Any, run: OperationRun, arguments: dict[str, Any]) -> Any:
        """Return what the resolver returns for `arguments`, which `ResolverCall.arguments` has converted."""
        info = run.infos.get(self)
        if info is None:  # the resolvers of all rows have the same info
            info = run.infos[self] = self._info.make(run.variables, run.context)
        return self._resolve(source, info, **arguments)

    def arguments(self, values: VariableValues) -> dict[str, Any]:
        """Return the converted arguments for the variables of one request. Raise GraphQLError if an argument is not valid."""
        fixed, coerced = self._fixed, values.coerced
        if fixed is not None and not self._by_variable:
            return fixed
        if fixed is None or any(variable not in coerced for variable in self._by_variable.values()):
            return self._conversion.converted(internals.coerced_arguments(self._field, self._node, values))
        chosen = {name: coerced[variable] for name, variable in self._by_variable.items()}
        return fixed | self._conversion.converted(chosen)

    def _read_once(self, fixed: FieldNode | None) -> dict[str, Any] | None:
        """Return the converted arguments that are equal in every request.

        Return None if all arguments must be read at each request. `fixed` is the field without the other arguments.
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
    """Separate the arguments of a field by whether their whole value is a variable.

    Return two parts. The first part maps each argument whose whole value is a variable to the variable's name. The
    second part is the field with only its other arguments, or None if one of them contains a variable.
    """
    by_variable = {a.name.value: a.value.name.value for a in node.arguments or () if isinstance(a.value, VariableNode)}
    others = tuple(a for a in node.arguments or () if a.name.value not in by_variable)
    finder = _VariableFinder()
    for argument in others:
        visit(argument, finder)
    return by_variable, None if finder.found else FieldNode(name=node.name, arguments=others, directives=())
