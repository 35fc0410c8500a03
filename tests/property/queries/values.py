"""Strategies for the values of arguments: valid values, and values that the server must refuse."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

KNOWN_IDS = 12
"""The number of ids and cursors of existing objects that generated requests can contain, each as a `Known`."""


class Known:
    """A placeholder in a generated request, which is replaced by an existing id or cursor when the request is sent.

    `index` is the position in the list of existing ids or cursors.
    """

    def __init__(self, index: int) -> None:
        self.index = index

    def __repr__(self) -> str:
        return f"Known({self.index})"


_IDS = st.one_of(st.integers(0, KNOWN_IDS - 1).map(Known), st.sampled_from(["", "UG9ydGFsOjE=", "no id", "a" * 300]))
_TEXTS = st.sampled_from(["", "ada", "Ada L", "%", "é", "'; --", "a@b.example", "x" * 201, "\x00", "acme", "zz\\"])
_NUMBERS = st.sampled_from([1, 2, 3, 50, 100, 0, -1, 101, 2**31 - 1])
_INSTANTS = st.sampled_from(["2026-01-31T09:00:00Z", "2026-03-01T10:00:00.123+01:00", "2026-01-31T09:00:00", "never"])
_SCALARS: dict[str, SearchStrategy[Any]] = {
    "ID": _IDS,
    "String": _TEXTS,
    "Int": _NUMBERS,
    "Boolean": st.booleans(),
    "DateTime": _INSTANTS,
    "DateTimeOrDuration": st.one_of(_INSTANTS, st.sampled_from(["P90D", "PT1M", "P1Y", "P"])),
    "Float": st.just(1.5),
}


def values(type_: Any, depth: int = 0) -> SearchStrategy[Any]:
    """Return a strategy for values of an input type, with null if the type allows it."""
    if isinstance(type_, GraphQLNonNull):
        return _present(type_.of_type, depth)
    return st.one_of(_present(type_, depth), st.none())


def _present(type_: Any, depth: int) -> SearchStrategy[Any]:
    if isinstance(type_, GraphQLList):
        return st.lists(values(type_.of_type, depth + 1), max_size=3)
    if isinstance(type_, GraphQLEnumType):
        return st.sampled_from([EnumMember(name) for name in type_.values])
    if isinstance(type_, GraphQLInputObjectType):
        return _objects(type_, depth)
    return _SCALARS.get(type_.name, _TEXTS)


def _objects(type_: GraphQLInputObjectType, depth: int) -> SearchStrategy[Any]:
    fields = {name: _later(field.type, depth + 1) for name, field in type_.fields.items()}
    if type_.is_one_of:
        return st.one_of([st.fixed_dictionaries({name: field}) for name, field in fields.items()])
    required = {n: f for n, f in fields.items() if isinstance(type_.fields[n].type, GraphQLNonNull)}
    optional = {} if depth > 3 else {n: f for n, f in fields.items() if n not in required}
    return st.fixed_dictionaries(required, optional=optional)


def _later(type_: Any, depth: int) -> SearchStrategy[Any]:
    return st.deferred(lambda: values(type_, depth))


class EnumMember(str):
    """The name of an enum member, which a document writes without quotes."""
