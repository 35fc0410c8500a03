"""Insert or update many rows in one statement. The model declares the types and defaults of the columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tortoise.models import Model

from models.db.model_columns import columns_of, defaults_beside, table_name
from models.db.sql import Sql, connection, is_postgres, json_text, sql, write, write_many

Row = Mapping[str, Any]
"""The values of a row, by column name."""


def table_of(alias: str, model: type[Model], names: Iterable[str], rows: Sequence[Row]) -> Sql:
    """Return a SQL table expression with the given rows. `alias` names the table, and `names` are its columns.

    A column is NULL if a row has no value for it. `model` declares the types of the columns.
    """
    # One JSON parameter for all rows: the SQL text is the same for any number of rows.
    given = json_text([{name: value for name, value in row.items() if value is not None} for row in rows])
    if is_postgres():
        columns = columns_of(model)
        typed = ", ".join(f"{name} {columns[name].sql_type}" for name in names)
        return sql(f"jsonb_to_recordset(CAST(? AS jsonb)) AS {alias}({typed})", given)
    picked = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in names)
    return sql(f"(SELECT {picked} FROM json_each(?)) AS {alias}", given)


def pairs_of(
    alias: str,
    model: type[Model],
    column: str,
    names: Sequence[str],
    groups: Sequence[tuple[Sequence[Any], Sequence[Row]]],
) -> Sql:
    """Return a SQL table expression with all pairs of a value and a row of the same group.

    - A group is a list of values and a list of rows: `(["a", "b"], [{"n": 1}])` gives the pairs (a, 1) and (b, 1).
    - The table has the column `column` for the value, and the columns `names` for the row.
    - `alias` names the table. `model` declares the types of the columns.
    """
    # The database builds the pairs, so the parameter stays small.
    given = json_text(
        [
            {
                "values": values,
                "rows": [{name: value for name, value in row.items() if value is not None} for row in rows],
            }
            for values, rows in groups
        ]
    )
    if is_postgres():
        columns = columns_of(model)
        typed = ", ".join(f"{name} {columns[name].sql_type}" for name in names)
        return sql(
            f"(SELECT CAST(l.value AS {columns[column].sql_type}) AS {column}, r.*"
            " FROM jsonb_array_elements(CAST(? AS jsonb)) AS c(item),"
            f" jsonb_array_elements_text(c.item->'values') AS l(value), jsonb_to_recordset(c.item->'rows') AS r({typed})"
            f") AS {alias}",
            given,
        )
    picked = ", ".join(f"json_extract(r.value, '$.{name}') AS {name}" for name in names)
    return sql(
        f"(SELECT l.value AS {column}, {picked}"
        " FROM json_each(?) AS c, json_each(c.value, '$.values') AS l, json_each(c.value, '$.rows') AS r"
        f") AS {alias}",
        given,
    )


async def insert_rows(
    model: type[Model],
    names: Sequence[str],
    rows: Sequence[Row],
    *,
    unless: str = "",
    computed: Mapping[str, str] | None = None,
) -> None:
    """Insert the rows in one statement.

    - `names`: the columns that the rows contain.
    - `computed`: SQL expressions for further columns. Values of the given row have the prefix `v.`: with
      `{"total": "v.seats + 1"}`, the column `total` becomes the given `seats` plus 1.
    - `unless`: an ON CONFLICT clause that begins with a space.

    All other columns get their defaults. Raise TypeError if a required column is missing.
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
    """Update the columns `names` of the rows that have the ids of the given rows, in one statement.

    `computed` has SQL expressions for further columns, as in `insert_rows`. An expression takes precedence over a value
    for the same column.
    """
    if not rows:
        return
    table = table_name(model)
    assigned = {**{name: f"v.{name}" for name in names}, **(computed or {})}
    await write(
        f"UPDATE {table} SET {', '.join(f'{name} = {value}' for name, value in assigned.items())} FROM "
        + table_of("v", model, ("id", *names), rows)
        + f" WHERE {table}.id = v.id"
    )


async def delete_listed(model: type[Model], names: Sequence[str], alias: str, listed: Sql) -> None:
    """Delete the rows of the model's table that match a row of `listed`, in one statement.

    Rows match if their columns `names` are equal. `listed` is a SQL table expression with the alias `alias`.
    """
    table = table_name(model)
    if is_postgres():
        # A join, because IN would be slower for a table of `pairs_of`.
        same = " AND ".join(f"{table}.{name} = {alias}.{name}" for name in names)
        await write(f"DELETE FROM {table} USING " + listed + f" WHERE {same}")
        return
    columns = ", ".join(f"{alias}.{name}" for name in names)
    await write(f"DELETE FROM {table} WHERE ({', '.join(names)}) IN (SELECT {columns} FROM " + listed + ")")


async def load(model: type[Model], rows: Sequence[Row]) -> None:
    """Insert many rows by the fastest method of the database. All rows must have the same columns.

    Requires a transaction.
    """
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
    """Run ANALYZE on the model's table in PostgreSQL. Call this function after an insert of many rows."""
    if is_postgres():
        await write(Sql(f"ANALYZE {table_name(model)}"))
