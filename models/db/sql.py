"""SQL fragments with their parameters, and functions that run them in PostgreSQL or SQLite.

Tortoise provides the tables, the migrations and the connections. Queries and writes (keyset pages, set-based writes,
guarded updates) are SQL, written once for both databases. `models/db/dialect.py` contains the SQL that differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, cast
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import require_context

Record = Mapping[str, Any]


class Sql(NamedTuple):
    """A fragment of SQL. The values of the `?` in `text` are `params`, in order."""

    text: str
    params: tuple[Any, ...] = ()

    def __add__(self, other: Sql | str) -> Sql:  # type: ignore[override]  # joins fragments, not their fields
        if isinstance(other, str):
            return Sql(self.text + other, self.params)
        return Sql(self.text + other.text, self.params + other.params)

    def __radd__(self, other: str) -> Sql:
        return Sql(other + self.text, self.params)


def sql(text: str, *params: Any) -> Sql:
    """Return a fragment of SQL with the values of its placeholders `?`. `text` must never contain input of a client."""
    return Sql(text, params)


def join(separator: str, parts: Iterable[Sql]) -> Sql:
    """Return the parts joined by `separator`. Return an empty fragment if there are no parts."""
    parts = list(parts)
    return Sql(separator.join(p.text for p in parts), tuple(value for p in parts for value in p.params))


def all_of(conditions: Iterable[Sql]) -> Sql:
    """Return the conditions joined by AND. Return a true condition if there are no conditions."""
    conditions = list(conditions)
    return join(" AND ", (Sql(f"({c.text})", c.params) for c in conditions)) if conditions else Sql("1=1")


def connection() -> BaseDBAsyncClient:
    """Return the connection of the running transaction, or the shared connection outside a transaction."""
    return require_context().connections.get("default")


class _Rows(Protocol):
    async def rows(self, text: str, params: list[Any]) -> Sequence[Record]: ...


def _postgres() -> _Rows:
    return cast(_Rows, connection())


class _OpenDatabase:
    # Asking Tortoise would take a microsecond for each fragment.
    is_postgres: bool | None = None


def remember_database(*, is_postgres: bool | None) -> None:
    """Store the kind of the open database. None means that no database is open."""
    _OpenDatabase.is_postgres = is_postgres


def is_postgres() -> bool:
    """Return whether the open database is PostgreSQL. Otherwise it is SQLite."""
    known = _OpenDatabase.is_postgres
    return connection().capabilities.dialect == "postgres" if known is None else known


async def fetch(query: Sql) -> Sequence[Record]:
    """Run a SELECT and return its rows."""
    text, params = _rendered(query)
    if is_postgres():
        return await _postgres().rows(text, params)
    _, rows = await connection().execute_query(text, params)
    return rows


async def write(statement: Sql) -> Sequence[Record]:
    """Run an INSERT, UPDATE or DELETE, and return the rows of its RETURNING clause, if any."""
    # Count the returned rows to know how many changed: SQLite's own count includes rows that triggers wrote.
    text, params = _rendered(statement)
    if is_postgres():
        return await _postgres().rows(text, params)
    return await connection().execute_query_dict(text, params)


async def write_many(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement once for each row of parameters. Requires SQLite."""
    await connection().execute_many(statement, [[for_sqlite(value) for value in row] for row in rows])


def stored_instant(instant: datetime) -> str:
    """Return an instant as text, for SQLite and for JSON parameters. In UTC, these texts sort in the order of time.

    Raise ValueError if the instant has no time zone.
    """
    # An instant in another time zone equals the instant in UTC, but has another text, so it must not use the cache.
    if instant.tzinfo is UTC:
        return _stored_utc(instant)
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return str(instant)


@lru_cache(maxsize=64)
def _stored_utc(instant: datetime) -> str:
    return str(instant)


def json_text(value: Any) -> str:
    """Return the value as JSON text, to pass it as a parameter of a statement."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return stored_instant(value)
    if isinstance(value, UUID):
        return str(value)  # asyncpg has its own UUID class, which orjson does not support
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
    """Return the value as SQLite stores it. Ids, instants, enums, lists and tuples become text."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return stored_instant(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple):
        return json_text(value)
    return value
