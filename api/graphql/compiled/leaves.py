"""Make the functions that complete leaf values: scalars and enum members."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from graphql import GraphQLEnumType, GraphQLLeafType, GraphQLString
from graphql.type import GraphQLBoolean, GraphQLID, GraphQLInt

from api.graphql.compiled.internals import enum_class

Write = Callable[[Any], Any]
"""A function that completes a value without waiting. It takes a value that is not None."""


class FallsBack(Exception):
    """Raised if a compiled function cannot complete a value. graphql-core then completes it, or reports the error."""


def leaf_writer(leaf: GraphQLLeafType) -> Write:
    """Return the function that completes values of a scalar or enum type.

    The function raises FallsBack for a value that the type cannot represent. For an enum with a Python class, it raises
    KeyError or TypeError instead.
    """
    if leaf in (GraphQLString, GraphQLID):
        return Exactly(str, _coerced(leaf))
    if leaf is GraphQLBoolean:
        return Exactly(bool, _coerced(leaf))
    if isinstance(leaf, GraphQLEnumType) and (members := enum_class(leaf)) is not None:
        return {member: name for name, member in cast(type[Enum], members).__members__.items()}.__getitem__
    return _coerced(leaf)


def stored_writer(leaf: GraphQLLeafType) -> Write | None:
    """Return the function that completes a value of the type `leaf` that the database has returned.

    Return None if the response takes the database's value unchanged. The values are in the form that `ShownColumns`
    (models/db/rows.py) reads: an enum member as its stored value, an instant as the API's text.
    """
    if isinstance(leaf, GraphQLEnumType):
        members = enum_class(leaf)
        if members is None:
            return _coerced(leaf)
        return {member.value: name for name, member in cast(type[Enum], members).__members__.items()}.__getitem__
    if leaf in (GraphQLString, GraphQLID, GraphQLBoolean, GraphQLInt) or leaf.name == "DateTime":
        return None
    return _coerced(leaf)


@dataclass(frozen=True, slots=True)
class Exactly:
    """Returns a value whose type is exactly `kind` unchanged, and completes any other value by `other`.

    Generated code (`object_writer`) compares the type itself, because that is faster. It calls this object only if the
    type differs.
    """

    kind: type
    other: Write

    def __call__(self, value: Any) -> Any:
        return value if type(value) is self.kind else self.other(value)


def _coerced(leaf: GraphQLLeafType) -> Write:
    coerce = leaf.coerce_output_value

    def write(value: Any) -> Any:
        try:
            coerced = coerce(value)
        except Exception:
            raise FallsBack from None
        if coerced is None:
            raise FallsBack
        return coerced

    return write
