"""The columns of a table, read from its Tortoise model: names, SQL types, nullability and defaults."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cache
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model


class Column(NamedTuple):
    """A column: its PostgreSQL type, the Python types of its values, and its default or None."""

    sql_type: str
    value_types: tuple[type, ...]
    is_nullable: bool
    is_generated: bool
    default: Any

    @property
    def is_required(self) -> bool:
        """Whether an INSERT must give a value for the column."""
        return not (self.is_nullable or self.is_generated) and self.default is None


@cache
def columns_of(model: type[Model]) -> Mapping[str, Column]:
    """Return the columns of the model's table, keyed by name.

    A foreign key `portal` is the column `portal_id` of type UUID, because all primary keys are UUIDs.
    """
    found: dict[str, Column] = {}
    for name, field in model._meta.fields_map.items():
        if isinstance(field, ForeignKeyFieldInstance):
            found[f"{name}_id"] = Column("UUID", (UUID,), field.null, False, None)
        elif field.has_db_field:
            value_types = get_args(field.field_type) or (field.field_type,)
            default = None if callable(field.default) else field.default
            sql_type = field.get_for_dialect("postgres", "SQL_TYPE")
            found.setdefault(name, Column(sql_type, value_types, field.null, field.generated, default))
    return found


def defaults_beside(model: type[Model], given: Iterable[str]) -> dict[str, Any]:
    """Return the defaults of the model's columns that are not in `given`, keyed by column name.

    Columns without a default are left out. Raise TypeError if a required column is not in `given`.
    """
    others = {name: column for name, column in columns_of(model).items() if name not in set(given)}
    if missing := [name for name, column in others.items() if column.is_required]:
        raise TypeError(f"a new row of {table_name(model)} needs {', '.join(missing)}")
    return {name: column.default for name, column in others.items() if column.default is not None}


def table_name(model: type[Model]) -> str:
    """Return the name of the model's table."""
    return model._meta.db_table


def check_fields(row: type[NamedTuple], model: type[Model], names: Iterable[str]) -> None:
    """Raise TypeError if a field of the named tuple class `row` differs from the model's column of the same name.

    Type and nullability must be equal. If the field has a default, the column must have the same default. Only the
    fields `names` are checked.
    """
    hints, columns = get_type_hints(row), columns_of(model)
    for name in names:
        field = f"{row.__name__}.{name}"
        if name not in columns:
            raise TypeError(f"{field}: {model.__name__} has no such column")
        column, value_type = columns[name], plain_type(hints[name])
        fits = value_type in column.value_types or (issubclass(value_type, Enum) and str in column.value_types)
        if not fits or is_optional(hints[name]) != column.is_nullable:
            raise TypeError(f"{field}: {hints[name]} does not fit {column}")
        if row._field_defaults.get(name, column.default) != column.default:
            raise TypeError(f"{field}: the default is not the column's, {column.default!r}")


def plain_type(hint: Any) -> type:
    """Return the class of a type hint: `datetime` for `datetime | None`, and `list` for `list[str]`."""
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(t for t in get_args(hint) if t is not type(None))
    plain: type = get_origin(hint) or hint
    return plain


def is_optional(hint: Any) -> bool:
    """Return whether a type hint allows None."""
    return type(None) in get_args(hint)
