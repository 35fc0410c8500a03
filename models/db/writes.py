"""Writing many rows in one statement; the model says which types and defaults their columns have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tortoise.models import Model

from models.db.columns import columns_of, defaults_beside, table_name
from models.db.sql import Sql, connection, is_postgres, json_text, sql, write, write_many

Row = Mapping[str, Any]
"""Values by column."""


def table_of(alias: str, model: type[Model], names: Iterable[str], rows: Sequence[Row]) -> Sql:
    """Return a derived table of these columns from one JSON parameter; a row holds NULL where it names no value.

    The statement's text is the same for one row as for a thousand.
    """
    given = json_text([{name: value for name, value in row.items() if value is not None} for row in rows])
    if is_postgres():
        columns = columns_of(model)
        typed = ", ".join(f"{name} {columns[name].sql_type}" for name in names)
        return sql(f"jsonb_to_recordset(CAST(? AS jsonb)) AS {alias}({typed})", given)
    picked = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in names)
    return sql(f"(SELECT {picked} FROM json_each(?)) AS {alias}", given)


async def insert_rows(
    model: type[Model],
    names: Sequence[str],
    rows: Sequence[Row],
    *,
    unless: str = "",
    computed: Mapping[str, str] | None = None,
) -> None:
    """Insert the rows: their columns `names`, the defaults of the others, and `computed` ones by SQL over a row v.

    `unless` is an ON CONFLICT clause. Raise TypeError if a column without a default is not given.
    """
    if not rows:
        return
    computed = computed or {}
    defaults = defaults_beside(model, (*names, *computed))
    stored = (*names, *defaults)
    picked = [*(f"v.{name}" for name in stored), *computed.values()]
    await write(
        f"INSERT INTO {table_name(model)} ({', '.join((*stored, *computed))}) SELECT {', '.join(picked)} FROM "
        + table_of("v", model, stored, [{**defaults, **row} for row in rows] if defaults else rows)
        + (f" WHERE true{unless}" if unless else "")
    )


async def update_rows(
    model: type[Model], names: Sequence[str], rows: Sequence[Row], *, computed: Mapping[str, str] | None = None
) -> None:
    """Write the columns `names` of the rows with the given `id`; `computed` ones get SQL over a row v instead."""
    if not rows:
        return
    table = table_name(model)
    assigned = {**{name: f"v.{name}" for name in names}, **(computed or {})}
    await write(
        f"UPDATE {table} SET {', '.join(f'{name} = {value}' for name, value in assigned.items())} FROM "
        + table_of("v", model, ("id", *names), rows)
        + f" WHERE {table}.id = v.id"
    )


async def load(model: type[Model], rows: Sequence[Row]) -> None:
    """Insert very many rows with the same columns, the fastest way that the database has; requires a transaction."""
    if not rows:
        return
    defaults = defaults_beside(model, rows[0])
    columns, others = (*rows[0], *defaults), tuple(defaults.values())
    values = [(*row.values(), *others) for row in rows]
    if is_postgres():
        async with connection().acquire_connection() as raw:
            await raw.copy_records_to_table(table_name(model), records=values, columns=columns)
        return
    places = ", ".join("?" for _ in columns)
    await write_many(f"INSERT INTO {table_name(model)} ({', '.join(columns)}) VALUES ({places})", values)


async def update_statistics(model: type[Model]) -> None:
    """Count anew what is in the table after very many rows; until then PostgreSQL plans as for an empty one."""
    if is_postgres():
        await write(Sql(f"ANALYZE {table_name(model)}"))
