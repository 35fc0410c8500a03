"""Compile the selected fields of a GraphQL operation into Python functions.

The functions call resolvers and complete values. To complete a value is to convert a resolver's result into a part of
the response.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from graphql import (
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    is_abstract_type,
    is_leaf_type,
)

from api.graphql.compiled.calls import NotCompiled, ResolverCall
from api.graphql.compiled.internals import Details, Selections, class_of, field_definition
from api.graphql.compiled.leaves import FallsBack, leaf_writer
from api.graphql.compiled.record_pages import page_completion
from api.graphql.compiled.values import Complete, Field, OperationRun, Value, Waiting, list_of, resolving
from api.graphql.compiled.writers import Plain, object_writer

TYPENAME = "__typename"


class Compiler:
    """A compiler for one GraphQL operation. It makes the functions that convert resolvers' values into the response."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode, selections: Selections) -> None:
        self.schema = schema
        self.operation = operation
        self.selections = selections

    def value(self, type_: GraphQLOutputType, details: Details) -> Value:
        """Return the Value that converts what resolvers return for the GraphQL type `type_` into parts of the response.

        `details` are the nodes of the document that select the field with these values. Raise NotCompiled if a field
        inside cannot be compiled.
        """
        if isinstance(type_, GraphQLNonNull):
            return self.value(type_.of_type, details)._replace(is_required=True)
        if is_leaf_type(type_):
            return Value(False, write=leaf_writer(type_))
        if isinstance(type_, GraphQLList):
            return list_of(self.value(type_.of_type, details), is_required=False)
        if is_abstract_type(type_):
            return Value(False, complete=self._by_type(type_, details))
        return self.object(cast(GraphQLObjectType, type_), details)

    def object(self, type_: GraphQLObjectType, details: Details) -> Value:
        """Return the Value that converts objects of the GraphQL type `type_`, and their fields, for the response.

        `details` are the nodes of the document that select the field with these objects. If `type_` is a connection,
        `page_completion` writes it directly from the database's records, where possible.
        """
        from_records = page_completion(self, type_, details)
        if from_records is None:
            return self._object(type_, self.selections.below(type_, details))
        by_objects: Value | None = None

        def complete(connection: Any, run: OperationRun, waiting: list[Waiting]) -> Any:
            if connection.shown is not None:
                return from_records(connection, run, waiting)
            nonlocal by_objects
            by_objects = by_objects or self._object(type_, self.selections.below(type_, details))
            return by_objects.completed(connection, run, waiting)

        return Value(False, complete=complete)

    def field(self, type_: GraphQLObjectType, response: str, details: Details) -> Field:
        """Compile one selected field of the object type `type_`.

        `response` is the field's name in the response. `details` are the nodes of the document that select the field.
        Raise NotCompiled if the field cannot be compiled.
        """
        field = self.schema.get_field(type_, details[0].node.name.value)
        if field is None:
            raise NotCompiled
        call = ResolverCall(self.schema, self.operation, type_, field, details, response)
        return Field(response, call, self.value(field.type, details))

    def _object(self, type_: GraphQLObjectType, selected: Mapping[str, Details]) -> Value:
        plain: list[Plain] = []
        resolved: list[Field] = []
        for response, details in selected.items():
            name = details[0].node.name.value
            if name == TYPENAME:
                plain.append(Plain(response, None, constant=type_.name))
                continue
            attribute = plain_attribute(self.schema, type_, name)
            value = self.value(self.schema.get_field(type_, name).type, details) if attribute else None  # type: ignore[union-attr]
            if value is not None and value.write is not None:
                plain.append(Plain(response, f"o.{attribute}", value.write, value.is_required))
                continue
            plain.append(Plain(response, None))
            if value is not None:
                resolved.append(Field(response, _Attribute(cast(str, attribute)), value))
            else:
                resolved.append(self.field(type_, response, details))
        write = object_writer(plain, class_of(type_) if type_.is_type_of else None)
        if not resolved:
            return Value(False, write=write)
        return Value(False, complete=resolving(resolved, write))

    def _by_type(self, type_: GraphQLInterfaceType | GraphQLUnionType, details: Details) -> Complete:
        """Return a function that completes objects of an interface or a union.

        The selected fields of a class are compiled when the first object of this class is completed.
        """
        types = {class_of(possible): possible for possible in self.schema.get_possible_types(type_)}
        compiled: dict[type, Value] = {}

        def complete(value: Any, run: OperationRun, waiting: list[Waiting]) -> Any:
            known = compiled.get(type(value))
            if known is None:
                possible = types.get(type(value))
                if possible is None:
                    raise FallsBack
                known = compiled[type(value)] = self.object(possible, details)
            return known.completed(value, run, waiting)

        return complete


class _Attribute:
    """A stand-in for the resolver of a field that has none. It returns an attribute of the object.

    The compiler uses it if parts of the attribute's value must be awaited, such as the items of a list.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, source: Any, run: OperationRun) -> Any:
        return getattr(source, self._name)


def plain_attribute(schema: GraphQLSchema, type_: GraphQLObjectType, name: str) -> str | None:
    """Return the name of the Python attribute that holds a field, or None if the field has a resolver.

    Raise NotCompiled for a field that Strawberry does not define, such as an introspection field.
    """
    field = schema.get_field(type_, name)
    definition = field_definition(field) if field else None
    if field is None or definition is None:
        raise NotCompiled
    return definition.python_name if definition.is_basic_field and not field.args else None
