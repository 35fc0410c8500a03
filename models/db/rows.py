"""Map the rows of a statement to named tuples. A named tuple costs less time than an instance of a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Generic, NamedTuple, TypeVar, cast, get_type_hints
from uuid import UUID

import orjson
from tortoise.models import Model

from models.db.model_columns import check_fields, plain_type
from models.db.sql import Record, is_postgres
from models.db.writes import insert_rows, update_rows

R = TypeVar("R", bound=NamedTuple)
K = TypeVar("K")
V = TypeVar("V")
Decoder = Callable[[Any], Any]


class ShownColumns(NamedTuple):
    """Columns that are read in the form of the API: ids as texts, and instants as texts with milliseconds and Z.

    - `expressions`: the SQL expressions of the columns.
    - `decoders`: pairs `(i, function)`. The function converts the value at position i of a record. Empty with
      PostgreSQL.
    """

    expressions: tuple[str, ...]
    decoders: tuple[tuple[int, Decoder], ...]

    def converted(self, records: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        """Return the records in the form of the API. A record must begin with the columns `expressions`."""
        return [self._converted(record) for record in records] if self.decoders else records

    def _converted(self, record: Sequence[Any]) -> Sequence[Any]:
        cells = list(record)
        for i, decode in self.decoders:
            if cells[i] is not None:
                cells[i] = decode(cells[i])
        return cells


class RowMapper(Generic[R]):
    """Reads named tuples of the class `row` from statements, and writes them to the table of `model`.

    Each field is read from the column of the same name, or from its SQL expression in `expressions`. `alias` is the
    alias of the table. Raise TypeError if a field and its column differ in type, nullability or default.
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
        self._expressions = {name: expressions.get(name, f"{table}{name}") for name in row._fields}
        self.columns = ", ".join(
            f"{text} AS {name}" if name in expressions else text for name, text in self._expressions.items()
        )
        hints = get_type_hints(row)
        kinds = [plain_type(hints[name]) for name in row._fields]
        self._kinds = dict(zip(row._fields, kinds, strict=True))
        self._postgres = [(i, d) for i, kind in enumerate(kinds) if (d := _from_postgres(kind))]
        self._sqlite = [(i, d) for i, kind in enumerate(kinds) if (d := _from_sqlite(kind))]
        self._width = len(kinds)

    def __len__(self) -> int:
        return self._width

    def read(self, records: Sequence[Record | Sequence[Any]], start: int = 0) -> list[R]:
        """Return a named tuple for each record. Its fields are the values of the record from position `start` on."""
        decoders = self._postgres if is_postgres() else self._sqlite
        return [self._decoded(cells_of(record)[start : start + self._width], decoders) for record in records]

    def shown(self, names: Sequence[str]) -> ShownColumns:
        """Return the ShownColumns that reads the fields `names` in the form of the API."""
        if is_postgres():
            shown = {UUID: shown_id, datetime: shown_instant}
            return ShownColumns(tuple(shown.get(self._kinds[name], str)(self._expressions[name]) for name in names), ())
        decoders: dict[type, Decoder] = {datetime: _shown_from_sqlite, bool: bool}
        found = [(i, decoders.get(self._kinds[name])) for i, name in enumerate(names)]
        return ShownColumns(
            tuple(self._expressions[name] for name in names), tuple((i, decode) for i, decode in found if decode)
        )

    async def insert(self, rows: Sequence[R], *, unless: str = "", computed: Mapping[str, str] | None = None) -> None:
        """Insert the rows into the model's table in one statement. See `insert_rows` for the arguments."""
        assert self._model, "a row of a table"  # noqa: S101  # for the type checker: rows of expressions are never stored
        given = [row._asdict() for row in rows]
        await insert_rows(self._model, self.names, given, unless=unless, computed=computed)

    async def update(self, rows: Sequence[R], *, computed: Mapping[str, str] | None = None) -> None:
        """Update the rows of the model's table that have the ids of the given rows, in one statement.

        See `update_rows` for `computed`.
        """
        assert self._model, "a row of a table"  # noqa: S101  # for the type checker: rows of expressions are never stored
        names = [name for name in self.names if name != "id"]
        await update_rows(self._model, names, [row._asdict() for row in rows], computed=computed)

    def _decoded(self, values: Sequence[Any], decoders: list[tuple[int, Decoder]]) -> R:
        cells = list(values)
        for i, decode in decoders:
            if cells[i] is not None:
                cells[i] = decode(cells[i])
        return self._make(cells)


def shown_id(column: str) -> str:
    """Return the SQL expression for the text of an id. Requires PostgreSQL."""
    return f"{column}::text"


def shown_instant(column: str) -> str:
    """Return the SQL expression for the text of an instant as the API shows it. Requires PostgreSQL."""
    # Reading this text takes half the time of decoding a datetime and formatting it in Python.
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""


def _shown_from_sqlite(text: str) -> str:
    # SQLite stores `2026-01-31 09:00:00.123456+00:00`.
    return f"{text[:10]}T{text[11:19]}.{text[20:23] if text[19] == '.' else '000'}Z"


def indexable(records: Sequence[Record]) -> Sequence[Sequence[Any]]:
    """Return the records as sequences, so that values can be read by position."""
    return cast(Sequence[Sequence[Any]], records) if is_postgres() else [*map(cells_of, records)]


def cells_of(record: Record | Sequence[Any]) -> tuple[Any, ...]:
    """Return the values of `record` in the order of the statement's columns."""
    return tuple(record.values()) if isinstance(record, dict) else tuple(record)


def _from_postgres(kind: Any) -> Decoder | None:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {member.value: member for member in kind}.__getitem__
    if kind in (list, dict, tuple):
        return cast(Decoder, orjson.loads)
    return None


def from_shown(kind: type) -> Decoder | None:
    """Return the function that turns a value in the form of the API into the type `kind`.

    None if the value needs no change.
    """
    if kind is UUID:
        return UUID
    return datetime.fromisoformat if kind is datetime else _from_postgres(kind)


def _from_sqlite(kind: Any) -> Decoder | None:
    if kind is UUID:
        return UUID
    if kind is datetime:
        return datetime.fromisoformat
    if kind is bool:
        return bool
    return _from_postgres(kind)


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """Group `pairs` by their first element: `[("a", 1), ("b", 2), ("a", 3)]` becomes `{"a": [1, 3], "b": [2]}`."""
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
