"""Wrappers of private functions of Strawberry and graphql-core, for compiled operations.

No other module of this package uses private functions. tests/api/graphql/compiled/test_internals.py fails if an upgrade
of Strawberry or graphql-core changes one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_nullable_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import (
    VariableValues,
    VariableValueSource,
    get_argument_values,
    get_variable_values,
    input_is_nested_too_deeply,
)
from graphql.pyutils import Path, Undefined
from graphql.utilities import coerce_input_value
from strawberry.extensions.field_extension import build_field_extension_resolvers
from strawberry.schema.schema import _OperationContextAwareGraphQLResolveInfo
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryMaybe, StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

Details = list[FieldDetails]
"""The nodes of a document that select one field of the response: several if the document selects it several times."""


def field_definition(field: GraphQLField) -> StrawberryField | None:
    """Return Strawberry's definition of `field`, or None if Strawberry does not define the field."""
    definition = (field.extensions or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return definition if isinstance(definition, StrawberryField) else None


def class_of(type_: GraphQLNamedType) -> type | None:
    """Return the Python class of an object type, an interface or an input type, or None for another type.

    For a type such as `Connection[User]`, return the generic class `Connection`.
    """
    definition = (type_.extensions or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(definition, StrawberryObjectDefinition):
        return None
    return definition.concrete_of.origin if definition.concrete_of else definition.origin


def enum_class(type_: GraphQLEnumType) -> Any:
    """Return the Python class of a GraphQL enum, or None if Strawberry does not define the enum."""
    definition = (type_.extensions or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return definition.wrapped_cls if isinstance(definition, StrawberryEnumDefinition) else None


class Selections:
    """Finds the selected fields of one operation, with fragments, @skip and @include applied.

    `conditions` has the values of the variables in @skip and @include, such as `{"withEmail": True}`.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        conditions: Mapping[str, bool],
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._fragments = {
            node.name.value: FragmentDetails(node)
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._values = VariableValues({}, dict(conditions))

    def of_root(self, type_: GraphQLObjectType) -> Mapping[str, Details]:
        """Return the selected root fields by their names in the response, such as `{"me": details}`."""
        return collect_fields(self._schema, self._fragments, self._values, type_, self._operation).grouped_field_set

    def below(self, type_: GraphQLObjectType, details: Details) -> Mapping[str, Details]:
        """Return the fields that are selected inside a field, in the form of `of_root`.

        `details` are the document's nodes that select the outer field. `type_` is the object type of the outer field's
        value.
        """
        return collect_subfields(
            self._schema, self._fragments, self._values, self._operation, type_, details
        ).grouped_field_set


class VariableCoercion:
    """Converts the variables of requests to their declared types. The types are looked up once for each operation."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions = operation.variable_definitions or ()
        self._signatures = [get_variable_signature(schema, node) for node in self._definitions]

    def coerced(self, variables: Mapping[str, Any]) -> VariableValues | None:
        """Return the converted variables of a request, or None if one of them is not valid."""
        found = VariableValues({}, {})
        for signature in self._signatures:
            if isinstance(signature, GraphQLError):
                return None
            name, value = signature.name, variables.get(signature.name, Undefined)
            found.sources[name] = VariableValueSource(signature, value)
            if value is not Undefined:
                if input_is_nested_too_deeply(value, signature.type):
                    return None
                found.coerced[name] = coerce_input_value(value, signature.type)
                if found.coerced[name] is Undefined:
                    return None
            elif signature.default:
                return self._with_defaults(variables)
            elif isinstance(signature.type, GraphQLNonNull):
                return None
        return found

    def _with_defaults(self, variables: Mapping[str, Any]) -> VariableValues | None:
        values = get_variable_values(self._schema, self._definitions, dict(variables), 1, True)
        return None if isinstance(values, list) else values


def resolver_chain(definition: StrawberryField) -> Callable[..., Any] | None:
    """Return a function `chain(source, info, **arguments)` that calls a resolver and the field's extensions.

    `source` is the object that has the field. Return None if the field has no resolver, or if the resolver has
    Strawberry's parameter `parent` or `root`.
    """
    resolver = definition.base_resolver
    if resolver is None or resolver.parent_parameter or resolver.root_parameter:
        return None
    takes_self = bool(resolver.self_parameter)
    info_name = resolver.info_parameter.name if resolver.info_parameter else None
    function: Callable[..., Any] = resolver.wrapped_func  # type: ignore[assignment]  # never a classmethod here

    def innermost(source: Any, info: Any, **arguments: Any) -> Any:
        if info_name:
            arguments[info_name] = info
        return function(source, **arguments) if takes_self else function(**arguments)

    chain: Callable[..., Any] = innermost
    for extension in build_field_extension_resolvers(definition) if definition.extensions else ():
        chain = partial(extension, chain)
    return chain


def resolver_function(definition: StrawberryField) -> Callable[..., Any]:
    """Return the Python function of the field's resolver. Requires a field with a resolver."""
    resolver = definition.base_resolver
    assert resolver is not None  # noqa: S101  # the caller has a field with a resolver
    return resolver.wrapped_func  # type: ignore[return-value]  # never a classmethod here


def coerced_arguments(field: GraphQLField, node: FieldNode, values: VariableValues | None = None) -> dict[str, Any]:
    """Return the checked arguments of a field by their names in the schema. `node` selects the field.

    `values` are the variables of the request. Raise GraphQLError if an argument is not valid.
    """
    return get_argument_values(field, node, values, None, True)


class ArgumentConversion:
    """Converts the arguments of one field from their GraphQL form to the form that its resolver takes."""

    def __init__(self, schema: GraphQLSchema, field: GraphQLField, definition: StrawberryField) -> None:
        strawberry_schema = cast(Any, schema)._strawberry_schema
        self._registry = strawberry_schema.schema_converter.scalar_registry
        self._config = strawberry_schema.config
        self._definition = definition
        named = {self._config.name_converter.from_argument(each): each for each in definition.arguments}
        # Strawberry does not convert a value of a leaf type, but takes 4 µs for each argument of the field.
        self._leaves = {
            name: argument.python_name
            for name, argument in named.items()
            if is_leaf_type(get_nullable_type(field.args[name].type)) and not isinstance(argument.type, StrawberryMaybe)
        }

    def converted(self, coerced: Mapping[str, Any]) -> dict[str, Any]:
        """Return the resolver's arguments by their Python names, with inputs as instances of their Python classes.

        `coerced` has the checked arguments by their names in the schema.
        """
        if coerced.keys() <= self._leaves.keys():
            arguments = {self._leaves[name]: value for name, value in coerced.items()}
        else:
            arguments = convert_arguments(dict(coerced), self._definition.arguments, self._registry, self._config)
        for extension in self._definition.extensions:
            arguments = extension.map_arguments(arguments)
        return arguments


_EXECUTOR_ONLY: Any = (None, None, None, None)
"""The last four fields of a resolver's info. Only graphql-core's executor reads these fields."""


class InfoMaker:
    """Makes the argument `info` of one selected field's resolver. Its constant parts are made only once."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        parent: GraphQLObjectType,
        field: GraphQLField,
        details: Details,
        response: str,
    ) -> None:
        nodes: Sequence[FieldNode] = [detail.node for detail in details]
        # The path holds the field's own segment only. The access check reads its type name.
        path = Path(None, response, parent.name)
        self._head: tuple[Any, ...] = (
            nodes[0].name.value,
            nodes,
            field.type,
            parent,
            path,
            schema,
            {},
            None,
            operation,
        )
        self._definition = field_definition(field)
        self._info: type[strawberry.Info] = cast(Any, schema)._strawberry_schema.config.info_class

    def make(self, values: VariableValues, context: Any) -> strawberry.Info:
        """Return the `info` for one request with these variables and this context."""
        raw = _OperationContextAwareGraphQLResolveInfo(*self._head, values.coerced, context, *_EXECUTOR_ONLY)  # type: ignore[call-arg]
        return self._info(_raw_info=raw, _field=self._definition)  # type: ignore[arg-type]
