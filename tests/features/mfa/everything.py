"""GraphQL selections of every field of the schema that can be reached from a type."""

from __future__ import annotations

from collections.abc import Sequence

from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedOutputType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

from api import app as server

SCHEMA: GraphQLSchema = server.schema(introspection=True)._schema

Place = tuple[str, str]
"""A pair of a type's name and a field's name."""


def everything_of(root: str) -> str:
    """Return the selection of every field that is reachable from the type `root`, each field once, at the least depth.

    A list has one item. If the fields of a type are selected elsewhere, only `__typename` is selected.
    """
    kind = SCHEMA.type_map[root]
    assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    return _selection(kind, _first_places(kind))


def _first_places(root: GraphQLNamedOutputType) -> dict[Place, Sequence[GraphQLObjectType]]:
    """Return the fields inside which `everything_of` selects the fields of further object types, with these types.

    The search is breadth-first, so the fields of each type are selected once, at the least depth of the type.
    """
    waiting = [*_objects(root)]
    reached = {kind.name for kind in waiting}
    first: dict[Place, Sequence[GraphQLObjectType]] = {}
    while waiting:
        parent = waiting.pop(0)
        for name, field in parent.fields.items():
            new = [kind for kind in _objects(get_named_type(field.type)) if kind.name not in reached]
            if new:
                first[parent.name, name] = new
                reached |= {kind.name for kind in new}
                waiting += new
    return first


def _objects(kind: GraphQLNamedOutputType) -> Sequence[GraphQLObjectType]:
    if isinstance(kind, GraphQLObjectType):
        return [kind]
    if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
        return SCHEMA.get_possible_types(kind)
    return []


def _selection(kind: GraphQLNamedOutputType, first: dict[Place, Sequence[GraphQLObjectType]]) -> str:
    return " ".join(["__typename", *(f"... on {each.name} {{ {_fields(each, first)} }}" for each in _objects(kind))])


def _fields(parent: GraphQLObjectType, first: dict[Place, Sequence[GraphQLObjectType]]) -> str:
    selected = []
    for name, field in parent.fields.items():
        arguments = "(first: 1)" if "first" in field.args else ""
        inner = first.get((parent.name, name))
        if inner:
            fields = " ".join(f"... on {each.name} {{ {_fields(each, first)} }}" for each in inner)
            selected.append(f"{name}{arguments} {{ __typename {fields} }}")
        else:
            is_object = bool(_objects(get_named_type(field.type)))
            selected.append(f"{name}{arguments}{' { __typename }' if is_object else ''}")
    return " ".join(selected)
