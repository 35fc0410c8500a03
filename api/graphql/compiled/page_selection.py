"""The analysis of whether a selected connection can be written directly from the database's records, and how.

It gives the columns to read, and the way in which each selected field is made from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple, Protocol, cast

from graphql import (
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    is_leaf_type,
)

from api.graphql.compiled.calls import NotCompiled
from api.graphql.compiled.internals import Details, Selections, class_of, field_definition
from api.graphql.compiled.leaves import stored_writer
from api.graphql.compiled.values import Value
from resolvers.core.row_fields import FromColumns, shown_fields


class NodeField(NamedTuple):
    """One selected field of a node.

    - `response`: the field's name in the response
    - `made`: the columns of the field, and the function that makes its value from them; None for `__typename`
    - `value`: how the field's value is completed
    - `constant`: the value of `__typename`
    """

    response: str
    made: FromColumns | None
    value: Value
    constant: str | None = None


class SelectedField(NamedTuple):
    """One selected field of a connection or of an edge.

    - `response`: the field's name in the response
    - `kind`: the field's name in the schema
    - `selected`: what is selected inside the field

    The form of `selected` depends on `kind`:

    - `nodes`, `node`: the NodeField of each selected field
    - `edges`: the SelectedField of each selected field
    - `pageInfo`: pairs of the name in the response and the name in the schema
    - `__typename`: the name of the type
    - others: None
    """

    response: str
    kind: str
    selected: Any


class CompilesValues(Protocol):
    """The methods of `Compiler` that this module and record_pages.py use.

    Importing `Compiler` itself would make an import cycle.
    """

    schema: GraphQLSchema
    selections: Selections

    def value(self, type_: GraphQLOutputType, details: Details) -> Value: ...


class NeedsObjects(Exception):
    """Raised if a field of a node cannot be made from columns. Each node must then become an object."""


class PageSelection:
    """Analyses the selected fields of a connection. `type_` is the connection's type.

    The caller passes each selected field to `part`. Afterwards, the keys of `columns` are the columns that the nodes
    need, in the order of their first use.
    """

    def __init__(self, compiler: CompilesValues, type_: GraphQLObjectType) -> None:
        self._compiler = compiler
        self._type = type_
        self.node = inner_object_type(self._field_type(type_, "nodes"))
        self._fields = shown_fields(cast(type, class_of(self.node)))
        self.columns: dict[str, None] = {}

    def part(self, response: str, details: Details) -> SelectedField:
        name = details[0].node.name.value
        below = partial(self._compiler.selections.below, details=details)
        if name == "nodes":
            return SelectedField(response, name, self._node(below(self.node)))
        if name == "edges":
            edge = inner_object_type(self._field_type(self._type, name))
            return SelectedField(response, name, [self._edge_field(edge, *field) for field in below(edge).items()])
        if name == "pageInfo":
            page_info = inner_object_type(self._field_type(self._type, name))
            return SelectedField(response, name, [(key, d[0].node.name.value) for key, d in below(page_info).items()])
        if name in ("totalCount", "offset"):
            return SelectedField(response, name, None)
        return SelectedField(response, name, self._type.name)  # __typename

    def _edge_field(self, edge: GraphQLObjectType, response: str, details: Details) -> SelectedField:
        name = details[0].node.name.value
        if name == "node":
            return SelectedField(response, name, self._node(self._compiler.selections.below(self.node, details)))
        return SelectedField(response, name, edge.name if name == "__typename" else None)

    def _node(self, selected: Mapping[str, Details]) -> list[NodeField]:
        return [self._shown(response, details) for response, details in selected.items()]

    def _shown(self, response: str, details: Details) -> NodeField:
        name = details[0].node.name.value
        if name == "__typename":
            return NodeField(response, None, Value(False), self.node.name)
        field = self._compiler.schema.get_field(self.node, name)
        definition = field_definition(field) if field else None
        if field is None or definition is None:
            raise NotCompiled
        made = self._fields.get(definition.python_name) if definition.is_basic_field and not field.args else None
        if made is None:
            raise NeedsObjects
        self.columns.update(dict.fromkeys(made.columns))
        is_required = isinstance(field.type, GraphQLNonNull)
        inner = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        if made.is_stored and is_leaf_type(inner):
            return NodeField(response, made, Value(is_required, write=stored_writer(inner)))
        value = self._compiler.value(field.type, details)
        if value.write is None:
            raise NeedsObjects
        return NodeField(response, made, value)

    def _field_type(self, type_: GraphQLObjectType, name: str) -> Any:
        return self._compiler.schema.get_field(type_, name).type  # type: ignore[union-attr]


def inner_object_type(type_: Any) -> GraphQLObjectType:
    """Return the object type inside lists and non-null types, such as `User` for `[User!]!`."""
    while isinstance(type_, GraphQLNonNull | GraphQLList):
        type_ = type_.of_type
    return cast(GraphQLObjectType, type_)
