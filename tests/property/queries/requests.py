"""Strategies for requests: documents over the whole schema, with variables, fragments, aliases and directives."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    is_abstract_type,
    is_leaf_type,
)
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.property.queries.values import EnumMember, Known, values

DEEPEST = 6
MUTATIONS = (
    "activateUsers",
    "deactivateUsers",
    "lockUsers",
    "unlockUsers",
    "deleteUsers",
    "resetPasswords",
    "revokeSessions",
)
NEW_AT_EACH_CALL = {("BulkOperation", "id")}
"""Fields whose value differs between two calls of the same mutation."""


@dataclass(slots=True)
class Request:
    """A request. Its document and its variables can contain `Known` values, which `sent` replaces by ids."""

    document: str
    variables: dict[str, Any]
    known: list[Known]

    def sent(self, ids: list[str]) -> dict[str, Any]:
        """Return the body of the request. `ids` are the ids that replace the `Known` values."""
        document = self.document
        for place in self.known:
            document = document.replace(_mark(place), json.dumps(ids[place.index]))
        return {"query": document, "variables": _replaced(self.variables, ids)}


@dataclass(slots=True)
class _Parts:
    """The parts of a document that are collected while its selections are drawn."""

    draw: DrawFn
    schema: GraphQLSchema
    definitions: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    left: int = 60
    """The number of fields that may still be selected. The limit keeps documents small."""


@st.composite
def requests(draw: DrawFn, schema: GraphQLSchema) -> Request:
    """Draw a query, or a mutation that changes nothing."""
    parts = _Parts(draw, schema)
    if draw(st.integers(0, 4)):
        assert schema.query_type
        body, kind = _selection(parts, schema.query_type, 0), "query"
    else:
        body, kind = _dry_runs(parts), "mutation"
    heads = f"({', '.join(parts.definitions)})" if parts.definitions else ""
    return Request(" ".join([f"{kind} Q{heads} {body}", *parts.fragments]), parts.variables, parts.known)


def _dry_runs(parts: _Parts) -> str:
    fields = []
    for i in range(parts.draw(st.integers(1, 2))):
        name = parts.draw(st.sampled_from(MUTATIONS))
        ids = parts.draw(st.lists(st.integers(0, 11).map(Known), max_size=4))
        chosen = f"{{users: {{ids: {_literal(parts, ids)}}}, options: {{dryRun: true}}}}"
        payload = parts.schema.mutation_type.fields[name].type  # type: ignore[union-attr]
        fields.append(f"m{i}: {name}(input: {chosen}) {_selection(parts, _named(payload), 1)}")
    return "{ " + " ".join(fields) + " }"


def _selection(parts: _Parts, type_: GraphQLNamedType, depth: int) -> str:
    names = [*_selectable(parts, type_, depth), "__typename"]
    chosen = parts.draw(st.lists(st.sampled_from(names), min_size=1, max_size=6, unique=True))
    fields = [_field(parts, type_, name, depth) for name in chosen]
    if is_abstract_type(type_):
        fields += _on_types(parts, type_, depth)
    shape = parts.draw(st.integers(0, 9))
    text = " ".join(fields)
    if shape == 0:
        return f"{{ ... on {type_.name}{_directive(parts)} {{ {text} }} }}"
    if shape == 1:
        name = f"F{len(parts.fragments)}"
        parts.fragments.append(f"fragment {name} on {type_.name} {{ {text} }}")
        return f"{{ ...{name}{_directive(parts)} {_field(parts, type_, '__typename', depth)} }}"
    return f"{{ {text} }}"


def _selectable(parts: _Parts, type_: GraphQLNamedType, depth: int) -> list[str]:
    assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
    return [
        name
        for name, found in type_.fields.items()
        if (type_.name, name) not in NEW_AT_EACH_CALL
        and (is_leaf_type(_named(found.type)) or (depth < DEEPEST and parts.left > 0))
    ]


def _on_types(parts: _Parts, type_: GraphQLNamedType, depth: int) -> list[str]:
    possible = list(parts.schema.get_possible_types(type_))  # type: ignore[arg-type]
    chosen = parts.draw(st.lists(st.sampled_from(possible), max_size=2, unique=True))
    # Fields of different types may not conflict, so each fragment has aliases of its own.
    return [f"... on {each.name} {_selection_as(parts, each, depth + 1)}" for each in chosen]


def _selection_as(parts: _Parts, type_: GraphQLObjectType, depth: int) -> str:
    names = _selectable(parts, type_, depth) or ["__typename"]
    chosen = parts.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    fields = [_field(parts, type_, name, depth, alias=f"{type_.name}_{name}") for name in chosen]
    return "{ " + " ".join(fields) + " }"


def _field(parts: _Parts, type_: GraphQLNamedType, name: str, depth: int, alias: str = "") -> str:
    parts.left -= 1
    if name == "__typename":
        return f"{alias}: {name}" if alias else name
    assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
    found = type_.fields[name]
    arguments = _arguments(parts, found)
    if not alias and (arguments or parts.draw(st.integers(0, 4)) == 0):
        alias = f"a{parts.left}_{name}"
    below = "" if is_leaf_type(_named(found.type)) else " " + _selection(parts, _named(found.type), depth + 1)
    return f"{alias}{': ' if alias else ''}{name}{arguments}{_directive(parts)}{below}"


def _arguments(parts: _Parts, found: GraphQLField) -> str:
    given = []
    for name, argument in found.args.items():
        is_required = isinstance(argument.type, GraphQLNonNull)
        if not is_required and parts.draw(st.integers(0, 2)):
            continue
        value = parts.draw(values(argument.type))
        if parts.draw(st.booleans()):
            given.append(f"{name}: {_variable(parts, str(argument.type), value)}")
        else:
            given.append(f"{name}: {_literal(parts, value)}")
    return f"({', '.join(given)})" if given else ""


def _variable(parts: _Parts, type_: str, value: Any) -> str:
    name = f"v{len(parts.definitions)}"
    parts.definitions.append(f"${name}: {type_}")
    if value is not None or parts.draw(st.booleans()):
        parts.variables[name] = value
    return f"${name}"


def _directive(parts: _Parts) -> str:
    kind = parts.draw(st.integers(0, 19))
    if kind > 1:
        return ""
    value = parts.draw(st.booleans())
    condition = _variable(parts, "Boolean!", value) if parts.draw(st.booleans()) else json.dumps(value)
    return f" @{'skip' if kind else 'include'}(if: {condition})"


def _literal(parts: _Parts, value: Any) -> str:
    if isinstance(value, Known):
        parts.known.append(value)
        return _mark(value)
    if isinstance(value, EnumMember):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_literal(parts, inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(parts, inner) for inner in value) + "]"
    return json.dumps(value)


def _mark(place: Known) -> str:
    return f'"<known {place.index}>"'


def _replaced(value: Any, ids: list[str]) -> Any:
    if isinstance(value, Known):
        return ids[value.index]
    if isinstance(value, dict):
        return {name: _replaced(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, ids) for inner in value]
    return value


def _named(type_: Any) -> GraphQLNamedType:
    while isinstance(type_, GraphQLNonNull | GraphQLList):
        type_ = type_.of_type
    return type_  # type: ignore[no-any-return]
