"""Rows as named tuples: what a statement gave, decoded, without the cost of model instances."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Generic, NamedTuple, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson

from models.db.sql import Record, is_postgres

R = TypeVar("R", bound=NamedTuple)
Decoder = Callable[[Any], Any]


class RowMapper(Generic[R]):
    """The columns of a table (or of expressions, by name) that fill one kind of named tuple."""

    def __init__(self, row: type[R], alias: str, **expressions: str) -> None:
        self._make = cast(Callable[[Iterable[Any]], R], row._make)
        self.columns = ", ".join(
            f"{expressions[name]} AS {name}" if name in expressions else f"{alias}.{name}" for name in row._fields
        )
        hints = get_type_hints(row)
        kinds = [_plain_type(hints[name]) for name in row._fields]
        self._postgres = [(i, d) for i, kind in enumerate(kinds) if (d := _from_postgres(kind))]
        self._sqlite = [(i, d) for i, kind in enumerate(kinds) if (d := _from_sqlite(kind))]
        self._width = len(kinds)

    def __len__(self) -> int:
        return self._width

    def read(self, records: Sequence[Record | tuple[Any, ...]], start: int = 0) -> list[R]:
        """Decodes this shape's columns, which begin at `start` in each record; the others are left out."""
        decoders = self._postgres if is_postgres() else self._sqlite
        return [self._decoded(cells_of(record)[start : start + self._width], decoders) for record in records]

    def _decoded(self, values: Sequence[Any], decoders: list[tuple[int, Decoder]]) -> R:
        cells = list(values)
        for i, decode in decoders:
            if cells[i] is not None:
                cells[i] = decode(cells[i])
        return self._make(cells)


def cells_of(record: Record | tuple[Any, ...]) -> tuple[Any, ...]:
    """The record's values in the order of the statement's columns."""
    return tuple(record.values()) if isinstance(record, dict) else tuple(record)


def _plain_type(hint: Any) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        return next(t for t in get_args(hint) if t is not type(None))
    return get_origin(hint) or hint


def _from_postgres(kind: Any) -> Decoder | None:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {member.value: member for member in kind}.__getitem__
    if kind in (list, dict, tuple):
        return cast(Decoder, orjson.loads)
    return None


def _from_sqlite(kind: Any) -> Decoder | None:
    if kind is UUID:
        return UUID
    if kind is datetime:
        return datetime.fromisoformat
    if kind is bool:
        return bool
    return _from_postgres(kind)
