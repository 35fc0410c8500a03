"""Generated functions that complete one object for a selection of plain attributes."""

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

Write = Callable[[Any], Any]
SelectedFields = tuple[tuple[str, str, GraphQLOutputType, "Plan | None"], ...]
"""The selected fields of an object.

Each field has its name in the response, its attribute, its type, and the plan of its own fields if it is an object.
"""

MOST_REMEMBERED_FIELDS = 20_000
"""The maximum number of fields of all cached functions together. A field takes about 1 kB of memory."""


class NeedsSlowPath(Exception):
    """Raised if a generated function cannot complete a value. graphql-core completes the list or reports an error."""


class Plan:
    """The selected fields of objects of one type. All of the fields are plain attributes."""

    __slots__ = ("fields", "key", "type")

    def __init__(self, type_: GraphQLObjectType, fields: SelectedFields) -> None:
        self.type = type_
        self.fields = fields
        self.key: tuple[Any, ...] = (
            type_,
            *((response, attribute, plan.key if plan else None) for response, attribute, _, plan in fields),
        )

    def write(self) -> Write:
        """Return the function that completes one object. Functions are cached across requests."""
        return _remembered.of(self)


class _Remembered:
    """A cache of the functions that were used last.

    The limit counts fields, not functions, because clients choose how many fields a function writes.
    """

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
    """Compile the function that completes one object.

    The source text holds attributes of our own classes only. Names from the document are passed as values.
    """
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
    exec("\n".join(lines), names)  # noqa: S102  # the text holds no input: attributes are our own, the rest are values
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
