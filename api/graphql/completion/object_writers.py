"""Generated functions, each of which completes the objects of one type for one selection of plain attributes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from enum import Enum
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLLeafType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLString,
)
from graphql.type import GraphQLBoolean, GraphQLID
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.enum import StrawberryEnumDefinition

from api.graphql.time_slices import TimeSlices

Write = Callable[[Any], Any]
SelectedFields = tuple[tuple[str, str, GraphQLOutputType, "Plan | None"], ...]
"""Response name, attribute, type, and of an object the plan of its own fields."""

LONG = 100
"""Items up to which a list is completed without a checkpoint."""

MOST_REMEMBERED_FIELDS = 20_000
"""Fields in the functions that are remembered across requests; each takes about 1 kB of memory."""

SLICES = TimeSlices()


class NeedsSlowPath(Exception):
    """Raised for a value that a generated function cannot complete: graphql-core completes it, or reports its error."""


class Plan:
    """The type and the selected attributes for which a function is generated."""

    __slots__ = ("fields", "key", "type")

    def __init__(self, type_: GraphQLObjectType, fields: SelectedFields) -> None:
        self.type = type_
        self.fields = fields
        self.key: tuple[Any, ...] = (
            type_,
            *((response, attribute, plan.key if plan else None) for response, attribute, _, plan in fields),
        )

    def write(self) -> Write:
        """Return the function that completes one object; remembered across requests."""
        return _remembered.of(self)


class _Remembered:
    """A cache of the functions used last. Its size is counted in fields, because clients choose how many a function has."""

    def __init__(self) -> None:
        self._functions: OrderedDict[tuple[Any, ...], Write] = OrderedDict()
        self._fields = 0

    def of(self, plan: Plan) -> Write:
        found = self._functions.get(plan.key)
        if found is None:
            found = self._functions[plan.key] = _generated(plan)
            self._fields += len(plan.key)
            while self._fields > MOST_REMEMBERED_FIELDS:
                key, _ = self._functions.popitem(last=False)
                self._fields -= len(key)
        else:
            self._functions.move_to_end(plan.key)
        return found


_remembered = _Remembered()


def _generated(plan: Plan) -> Write:
    """Return the compiled function. Names from the document are passed as values, never as source text."""
    names: dict[str, Any] = {"NeedsSlowPath": NeedsSlowPath, "origin": _origin(plan.type)}
    lines = ["def complete(o):", *([" if type(o) is not origin: raise NeedsSlowPath"] if plan.type.is_type_of else [])]
    for n, (response, attribute, field_type, inner) in enumerate(plan.fields):
        names[f"r{n}"] = response
        if not attribute:
            names[f"v{n}"] = plan.type.name
            continue
        required = isinstance(field_type, GraphQLNonNull)
        leaf = field_type.of_type if isinstance(field_type, GraphQLNonNull) else field_type
        names[f"w{n}"] = inner.write() if inner else _leaf(cast(GraphQLLeafType, leaf))
        lines.append(f" v{n} = o.{attribute}")
        if required:
            lines.append(f" if v{n} is None: raise NeedsSlowPath")
            lines.append(f" v{n} = w{n}(v{n})")
        else:
            lines.append(f" if v{n} is not None: v{n} = w{n}(v{n})")
    lines.append(" return {" + ", ".join(f"r{n}: v{n}" for n in range(len(plan.fields))) + "}")
    exec("\n".join(lines), names)  # noqa: S102  # attributes are our own classes' and everything else is a value
    return cast(Write, names["complete"])


def _origin(type_: GraphQLObjectType) -> type | None:
    definition = (type_.extensions or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return getattr(definition, "origin", None)


def _leaf(leaf: GraphQLLeafType) -> Write:
    if leaf in (GraphQLString, GraphQLID):
        return _exactly(str, leaf)
    if leaf is GraphQLBoolean:
        return _exactly(bool, leaf)
    if isinstance(leaf, GraphQLEnumType):
        definition = (leaf.extensions or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if isinstance(definition, StrawberryEnumDefinition):
            return _member(definition.wrapped_cls)
    return _coerced(leaf)


def _exactly(kind: type, leaf: GraphQLLeafType) -> Write:
    slow = _coerced(leaf)
    return lambda value: value if type(value) is kind else slow(value)


def _member(enum: Any) -> Write:
    names: dict[Any, str] = {member: name for name, member in cast(type[Enum], enum).__members__.items()}

    def write(value: Any) -> Any:
        try:
            return names[value]
        except (KeyError, TypeError):
            raise NeedsSlowPath from None

    return write


def _coerced(leaf: GraphQLLeafType) -> Write:
    coerce = leaf.coerce_output_value

    def write(value: Any) -> Any:
        try:
            coerced = coerce(value)
        except Exception:
            raise NeedsSlowPath from None
        if coerced is None:
            raise NeedsSlowPath
        return coerced

    return write
