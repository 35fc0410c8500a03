"""Declare which columns of a row the fields of a GraphQL type show.

`@shows(UserRow)` on a type declares that its fields show columns of `UserRow`. A field shows the column of the same
name, and `id` shows the global id of the row. For any other field, an argument of the decorator names the columns and
the function that makes the value.

`shown` makes objects of the type from rows. The compiled lists of api/graphql/compiled need no objects: they write the
response from the database's records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from enum import Enum
from functools import partial
from inspect import get_annotations
from typing import Any, NamedTuple, TypeVar, cast, get_type_hints
from uuid import UUID

import strawberry
from strawberry.types import get_object_definition

from models.db.model_columns import plain_type
from models.db.rows import Decoder, from_shown
from resolvers.core.global_ids import global_id
from rules.global_ids import text_of

T = TypeVar("T")
C = TypeVar("C", bound=type[Any])


class FromColumns(NamedTuple):
    """How a field gets its value: `make` is called with the values of `columns`.

    - `make`: None if the field shows the value of its only column unchanged.
    - `is_stored`: whether a compiled list can write the stored value of the only column, without calling `make`.
    - `takes_text`: whether `make` accepts ids as text too. Compiled lists read ids as text.
    """

    columns: tuple[str, ...]
    make: Callable[..., Any] | None = None
    is_stored: bool = False
    takes_text: bool = False


class Shown(NamedTuple):
    """What is declared about a GraphQL type that shows a row: the type of the row, and how each field gets its value.

    `fields` is keyed by the field's Python name.
    """

    row: type[NamedTuple]
    fields: Mapping[str, FromColumns]
    make: Callable[..., Any]
    """A function that returns an object of the type. The first argument is the row.

    The other arguments are the values of the object's private fields, which the schema does not show.
    """


BESIDE_ROW = FromColumns(())
"""The declaration of a field whose value is not made from the row.

The caller of `shown` passes the field's value as an argument. A compiled list cannot show the field.
"""

_SHOWN: dict[type, Shown] = {}


def from_columns(make: Callable[..., Any] | None, *columns: str) -> FromColumns:
    """Declare that a field shows the result of `make`, called with the values of the columns.

    If `make` is None, the field shows the value of its only column unchanged.
    """
    return FromColumns(columns, make, make is None)


def other_id(type_name: str, column: str) -> FromColumns:
    """Declare that a field shows the global id of another object. `column` holds the object's row id or null."""

    def make(row_id: UUID | str | None) -> strawberry.ID | None:
        return None if row_id is None else global_id(type_name, row_id)

    return FromColumns((column,), make, takes_text=True)


def shows(row: type[NamedTuple], **made: FromColumns) -> Callable[[C], C]:
    """Return a class decorator that declares that the fields of a Strawberry type show columns of `row`.

    A field shows the column with the field's name. `made` has a FromColumns for each field that gets its value in
    another way. The values of private fields without a column are passed to the function `shown`. Raise TypeError in
    two cases:

    - A required public field has neither a column nor a declaration.
    - A declaration names a column that `row` does not have.
    """

    def declare(type_: C) -> C:
        columns = frozenset(row._fields)
        definition = get_object_definition(type_, strict=True)
        public = {field.python_name for field in definition.fields if field.is_basic_field} - _private(type_)
        found = {"id": FromColumns(("id",), _id_writer(definition.name), takes_text=True)} if "id" in public else {}
        own = [field for field in fields(type_) if field.init]
        found |= {
            field.name: from_columns(None, field.name) for field in own if field.name in columns and field.name != "id"
        }
        found |= made
        found = {name: value for name, value in found.items() if value is not BESIDE_ROW}
        given = {name for name, value in made.items() if value is BESIDE_ROW}
        missing = [
            f.name for f in own if f.name in public and f.name not in found.keys() | given and f.default is MISSING
        ]
        unknown = [name for value in found.values() for name in value.columns if name not in columns]
        if missing or unknown:
            raise TypeError(f"{type_.__name__} shows {row.__name__}: no declaration of {missing}, no columns {unknown}")
        converted = {name: _converted(type_, row, name, value) for name, value in found.items()}
        _SHOWN[type_] = Shown(row, converted, _maker(type_, converted))
        return type_

    return declare


def shown(type_: type[T], row: NamedTuple, /, **private: Any) -> T:
    """Return an object of `type_` that shows `row`.

    `private` has the values that are not in `row`: of private fields, and of fields declared as BESIDE_ROW.
    """
    return cast(T, _SHOWN[type_].make(row, **private))


def shown_fields(type_: type) -> Mapping[str, FromColumns]:
    """Return how each field of the type gets its value, by the field's Python name.

    Fields that are declared as BESIDE_ROW are left out. The dict is empty for a type without `@shows`.
    """
    found = _SHOWN.get(type_)
    return found.fields if found else {}


def public_shown_fields(type_: type) -> Mapping[str, FromColumns]:
    """Return `shown_fields` without private fields, which the schema does not have."""
    return {name: made for name, made in shown_fields(type_).items() if name not in _private(type_)}


def _private(type_: type) -> set[str]:
    hints = [(name, hint) for kind in type_.__mro__ for name, hint in get_annotations(kind).items()]
    return {name for name, hint in hints if "Private[" in str(hint)}


def decoders_of(type_: type, made: FromColumns) -> list[Decoder | None]:
    """Return a decoder for each column from which a field of `type_` is made, or None for a column that needs none.

    `made` is the declaration of the field. A decoder converts the form in which `ShownColumns` reads the column, such
    as an instant as text, to the value that `made.make` takes.
    """
    if made.takes_text:
        return [None] * len(made.columns)
    hints = get_type_hints(_SHOWN[type_].row)
    return [from_shown(plain_type(hints[column])) for column in made.columns]


def _id_writer(type_name: str) -> Callable[[UUID], strawberry.ID]:
    return cast(Callable[[UUID], strawberry.ID], partial(text_of, type_name))  # called for every row of a page


def _converted(type_: type, row: type[NamedTuple], name: str, value: FromColumns) -> FromColumns:
    """Return the declaration `value`. If the column has another enum than the field, add a conversion of the members.

    The conversion finds the field's member with the same value.
    """
    if value.make is not None or len(value.columns) != 1:
        return value
    stored = plain_type(get_type_hints(row)[value.columns[0]])
    target = _field_type(type_, name)
    if target is stored or not all(isinstance(kind, type) and issubclass(kind, Enum) for kind in (stored, target)):
        return value
    members = {member.value: member for member in target}

    def convert(member: Enum | None) -> Enum | None:
        return None if member is None else members[member.value]

    return FromColumns(value.columns, convert, True)


def _field_type(type_: type, name: str) -> Any:
    definition = get_object_definition(type_, strict=True)
    field = next((field for field in definition.fields if field.python_name == name), None)
    if field is None:
        return None
    kind: Any = field.type
    while hasattr(kind, "of_type"):
        kind = kind.of_type
    return getattr(kind, "wrapped_cls", kind)


def _maker(type_: type, declared: Mapping[str, FromColumns]) -> Callable[..., Any]:
    """Compile the function that makes an object from a row. The function's source contains no input of a client."""
    names: dict[str, Any] = {"type_": type_}
    arguments = []
    for i, (name, value) in enumerate(declared.items()):
        cells = ", ".join(f"row.{column}" for column in value.columns)
        if value.make is None:
            arguments.append(f"{name}={cells}")
        else:
            names[f"make_{i}"] = value.make
            arguments.append(f"{name}=make_{i}({cells})")
    text = f"def make(row, /, **private): return type_({', '.join(arguments)}, **private)"
    exec(text, names)  # noqa: S102  # the text holds no input: fields and columns are our own
    return cast(Callable[..., Any], names["make"])
