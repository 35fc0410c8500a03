"""Completing lists fast: a list of objects whose selected fields are plain attributes is completed by one generated
function, instead of several calls per leaf. Anything unusual takes graphql-core's own way, with the same answer.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLLeafType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLString,
    is_leaf_type,
    is_non_null_type,
    is_object_type,
)
from graphql.pyutils import Path
from graphql.type import GraphQLBoolean, GraphQLID
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

Write = Callable[[Any], Any]
Selected = tuple[tuple[str, str, GraphQLOutputType, "Plan | None"], ...]
"""Response name, attribute, type, and of an object the plan of its own fields."""

MOST_REMEMBERED = 1000
_remembered: OrderedDict[tuple[Any, ...], Write] = OrderedDict()


class Unusual(Exception):
    """A value that only graphql-core's own way completes right, or reports right."""


class Plan:
    """How to complete objects of one type for one selection of plain attributes."""

    __slots__ = ("fields", "key", "type")

    def __init__(self, type_: GraphQLObjectType, fields: Selected) -> None:
        self.type = type_
        self.fields = fields
        self.key: tuple[Any, ...] = (
            type_,
            *((response, attribute, plan.key if plan else None) for response, attribute, _, plan in fields),
        )

    def write(self) -> Write:
        """The function that completes one object; remembered across requests."""
        if (found := _remembered.get(self.key)) is None:
            found = _remembered[self.key] = _generated(self)
            if len(_remembered) > MOST_REMEMBERED:
                _remembered.popitem(last=False)
        return found


class FastExecution(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's execution, with a short way through lists of plain objects."""

    def complete_iterable_value(
        self,
        item_type: GraphQLOutputType,
        field_details_list: Any,
        info: GraphQLResolveInfo[Any],
        path: Path,
        items: Iterable[Any],
        position_context: Any,
    ) -> Any:
        """The completed list, by the generated function where every field is a plain attribute."""
        inner = item_type.of_type if is_non_null_type(item_type) else item_type
        if isinstance(items, list) and items and is_object_type(inner):
            plan = self._plan(inner, field_details_list)
            if plan is not None:
                try:
                    return list(map(plan.write(), items))
                except Unusual:
                    pass  # told by graphql-core below, with its path and its place in the document
        return super().complete_iterable_value(item_type, field_details_list, info, path, items, position_context)

    def _plan(self, type_: GraphQLObjectType, field_details_list: Any) -> Plan | None:
        grouped, *rest = self.collect_subfields(type_, field_details_list)
        if any(rest):
            return None
        fields: list[tuple[str, str, GraphQLOutputType, Plan | None]] = []
        for response, details in grouped.items():
            name = details[0].node.name.value
            if name == "__typename":
                fields.append((response, "", GraphQLString, None))
                continue
            attribute, field_type = _attribute(self.schema, type_, name)
            if attribute is None or field_type is None:
                return None
            inner = field_type.of_type if is_non_null_type(field_type) else field_type
            plan = self._plan(inner, details) if is_object_type(inner) else None
            if plan is None and not is_leaf_type(inner):
                return None
            fields.append((response, attribute, field_type, plan))
        return Plan(type_, tuple(fields))


def _attribute(
    schema: GraphQLSchema, type_: GraphQLObjectType, name: str
) -> tuple[str | None, GraphQLOutputType | None]:
    """The Python attribute behind a field that merely shows one."""
    field = schema.get_field(type_, name)
    definition = (field.extensions or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF) if field else None
    if field is None or not isinstance(definition, StrawberryField) or not definition.is_basic_field or field.args:
        return None, None
    return definition.python_name, field.type


def _generated(plan: Plan) -> Write:
    """Source text of our own making only: names from the document reach it as values, never as text."""
    names: dict[str, Any] = {"Unusual": Unusual, "origin": _origin(plan.type)}
    lines = ["def complete(o):", *([" if type(o) is not origin: raise Unusual"] if plan.type.is_type_of else [])]
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
            lines.append(f" if v{n} is None: raise Unusual")
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
            raise Unusual from None

    return write


def _coerced(leaf: GraphQLLeafType) -> Write:
    coerce = leaf.coerce_output_value

    def write(value: Any) -> Any:
        try:
            coerced = coerce(value)
        except Exception:
            raise Unusual from None
        if coerced is None:
            raise Unusual
        return coerced

    return write
