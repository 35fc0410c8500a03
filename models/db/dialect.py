"""What the two databases say differently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from models.db.sql import Sql, connection, is_postgres, json_text, sql, write, write_many

NO_ROW = Sql("1=0")


def is_any_of(column: str, values: Iterable[Any]) -> Sql:
    """The column is one of the values, however many there are and however often each is named; one parameter."""
    listed = list(dict.fromkeys(values))
    if is_postgres():
        return sql(f"{column} = ANY(?)", [getattr(v, "value", v) for v in listed])
    return sql(f"{column} IN (SELECT value FROM json_each(?))", listed)


def locked(query: Sql, table: str) -> Sql:
    """The query, its rows of `table` locked until the transaction ends.

    SQLite needs none: its write transactions begin IMMEDIATE, so there is one at a time.
    """
    return query + f" FOR UPDATE OF {table}" if is_postgres() else query


def locked_unless_taken(query: Sql, table: str) -> Sql:
    """The same, without the rows that another transaction has locked: nobody waits, each finds others' work taken."""
    return locked(query, table) + " SKIP LOCKED" if is_postgres() else query


def table_of(alias: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> Sql:
    """A derived table of `rows` from one JSON parameter; `columns` names their PostgreSQL types.

    So one statement writes a thousand rows and its text is the same for one.
    """
    if is_postgres():
        typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        return sql(f"jsonb_to_recordset(CAST(? AS jsonb)) AS {alias}({typed})", json_text(rows))
    picked = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in columns)
    return sql(f"(SELECT {picked} FROM json_each(?)) AS {alias}", json_text(rows))


async def insert(table: str, columns: Mapping[str, str], rows: Sequence[NamedTuple], unless: str = "") -> None:
    """Writes the rows in one statement; `columns` as for `table_of`, `unless` an ON CONFLICT clause."""
    await insert_rows(table, columns, [row._asdict() for row in rows], unless)


async def insert_rows(
    table: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]], unless: str = ""
) -> None:
    """The same for rows that are no tuples."""
    if not rows:
        return
    names = ", ".join(columns)
    picked = ", ".join(f"v.{name}" for name in columns)
    await write(
        f"INSERT INTO {table} ({names}) SELECT {picked} FROM "
        + table_of("v", columns, rows)
        + (f" WHERE true{unless}" if unless else "")
    )


async def load(table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Writes very many rows, the fastest way that the database has; inside a transaction only."""
    if is_postgres():
        async with connection().acquire_connection() as raw:
            await raw.copy_records_to_table(table, records=rows, columns=columns)
        return
    places = ", ".join("?" for _ in columns)
    await write_many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)


async def loaded(table: str) -> None:
    """After very many rows PostgreSQL counts anew what is in the table; until then it would plan as for an empty one."""
    if is_postgres():
        await write(Sql(f"ANALYZE {table}"))


def contains(column: str, text: str) -> Sql:
    """The column holds the text somewhere; nothing in the text is a wildcard."""
    if is_postgres():
        return sql(f"strpos({column}, ?) > 0", text)
    return sql(f"instr({column}, ?) > 0", text)
