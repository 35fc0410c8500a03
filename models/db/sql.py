"""SQL as values: fragments with their parameters, run on whichever database is connected.

Tortoise owns the tables, the migrations and the connections. What the product asks of them (keyset pages, set-based
writes, guarded updates) is said here in SQL, written once for both databases; `models/db/dialect.py` holds what differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from tortoise import connections
from tortoise.backends.base.client import BaseDBAsyncClient

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL with `?` for each of its parameters, in order."""

    text: str
    params: tuple[Any, ...] = ()

    def __add__(self, other: Sql | str) -> Sql:
        if isinstance(other, str):
            return Sql(self.text + other, self.params)
        return Sql(self.text + other.text, self.params + other.params)

    def __radd__(self, other: str) -> Sql:
        return Sql(other + self.text, self.params)


def sql(text: str, *params: Any) -> Sql:
    """Return a fragment. The text is written in the code and never contains what a client sent."""
    return Sql(text, params)


def join(separator: str, parts: Iterable[Sql]) -> Sql:
    """Return the parts in order, with the separator between them; empty for no parts."""
    parts = list(parts)
    return Sql(separator.join(p.text for p in parts), tuple(value for p in parts for value in p.params))


def all_of(conditions: Iterable[Sql]) -> Sql:
    """Return the conjunction of the conditions; true for no conditions."""
    conditions = list(conditions)
    return join(" AND ", (Sql(f"({c.text})", c.params) for c in conditions)) if conditions else Sql("1=1")


def connection() -> BaseDBAsyncClient:
    """Return the connection of the running transaction, or the shared one."""
    current: BaseDBAsyncClient = connections.get("default")
    return current


def is_postgres() -> bool:
    return connection().capabilities.dialect == "postgres"


async def fetch(query: Sql) -> Sequence[Record]:
    """Return the rows of a SELECT."""
    text, params = _rendered(query)
    _, rows = await connection().execute_query(text, params)
    return rows


async def write(statement: Sql) -> Sequence[Record]:
    """Run an INSERT, UPDATE or DELETE and return the rows of its RETURNING, if any.

    Rely on these rows alone: SQLite's counts of affected rows include what triggers wrote.
    """
    text, params = _rendered(statement)
    return await connection().execute_query_dict(text, params)


async def write_many(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement once for each row of parameters; for SQLite only."""
    await connection().execute_many(statement, [[for_sqlite(value) for value in row] for row in rows])


def stored_instant(instant: datetime) -> str:
    """Return the text of an instant in SQLite and in JSON parameters; the texts sort as the instants do."""
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return str(instant)


def json_text(value: Any) -> str:
    """Return the value as the text of a JSON parameter."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return stored_instant(value)
    if isinstance(value, UUID):
        return str(value)  # asyncpg's own kind, which orjson does not know
    raise TypeError(f"no JSON for {type(value).__name__}")


def _rendered(query: Sql) -> tuple[str, list[Any]]:
    if is_postgres():
        return _numbered(query.text), [v.value if isinstance(v, Enum) else v for v in query.params]
    return query.text, [for_sqlite(v) for v in query.params]


@lru_cache(maxsize=1024)
def _numbered(text: str) -> str:
    pieces = text.split("?")
    return "".join(piece + f"${i}" for i, piece in enumerate(pieces[:-1], 1)) + pieces[-1]


def for_sqlite(value: Any) -> Any:
    """Return the value as SQLite stores it."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return stored_instant(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple):
        return json_text(value)
    return value
