"""Map the rows of a statement to named tuples. A named tuple costs less time than an instance of a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Generic, NamedTuple, TypeVar, cast, get_type_hints
from uuid import UUID

import orjson
from tortoise.models import Model

from models.db.columns import check_fields, plain_type
from models.db.sql import Record, is_postgres
from models.db.writes import insert_rows, update_rows

R = TypeVar("R", bound=NamedTuple)
Decoder = Callable[[Any], Any]


class RowMapper(Generic[R]):
    """Read named tuples of one class from statements, and write them to the table of a model.

    A field of the class is the table's column with the same name, or one of the SQL `expressions`. `alias` is the alias
    of the table in statements. Raise TypeError if a field and its column differ in type, nullability or default.
    """

    def __init__(self, row: type[R], model: type[Model] | None = None, alias: str = "", /, **expressions: str) -> None:
        stored = [name for name in row._fields if name not in expressions]
        if model:
            check_fields(row, model, stored)
        elif stored:
            raise TypeError(f"{row.__name__}: no table and no expression for {', '.join(stored)}")
        self._model = model
        self._make = cast(Callable[[Iterable[Any]], R], row._make)
        self.names = row._fields
        table = f"{alias}." if alias else ""
        self.columns = ", ".join(
            f"{expressions[name]} AS {name}" if name in expressions else f"{table}{name}" for name in row._fields
        )
        hints = get_type_hints(row)
        kinds = [plain_type(hints[name]) for name in row._fields]
        self._postgres = [(i, d) for i, kind in enumerate(kinds) if (d := _from_postgres(kind))]
        self._sqlite = [(i, d) for i, kind in enumerate(kinds) if (d := _from_sqlite(kind))]
        self._width = len(kinds)

    def __len__(self) -> int:
        return self._width

    def read(self, records: Sequence[Record | tuple[Any, ...]], start: int = 0) -> list[R]:
        """Return `records` as named tuples. In each record, the first column of the tuple is at the position `start`."""
        decoders = self._postgres if is_postgres() else self._sqlite
        return [self._decoded(cells_of(record)[start : start + self._width], decoders) for record in records]

    async def insert(self, rows: Sequence[R], *, unless: str = "", computed: Mapping[str, str] | None = None) -> None:
        """Insert the rows into the model's table in one statement. `insert_rows` documents the arguments."""
        assert self._model, "a row of a table"  # noqa: S101  # for the type checker: rows of expressions are never stored
        given = [row._asdict() for row in rows]
        await insert_rows(self._model, self.names, given, unless=unless, computed=computed)

    async def update(self, rows: Sequence[R], *, computed: Mapping[str, str] | None = None) -> None:
        """Update the table's rows with the same ids in one statement. `update_rows` documents the arguments."""
        assert self._model, "a row of a table"  # noqa: S101  # for the type checker: rows of expressions are never stored
        names = [name for name in self.names if name != "id"]
        await update_rows(self._model, names, [row._asdict() for row in rows], computed=computed)

    def _decoded(self, values: Sequence[Any], decoders: list[tuple[int, Decoder]]) -> R:
        cells = list(values)
        for i, decode in decoders:
            if cells[i] is not None:
                cells[i] = decode(cells[i])
        return self._make(cells)


def cells_of(record: Record | tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the values of `record` in the order of the statement's columns."""
    return tuple(record.values()) if isinstance(record, dict) else tuple(record)


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
