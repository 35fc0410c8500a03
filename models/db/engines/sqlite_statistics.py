"""Make SQLite plan as if every database were large, whatever rows the file has.

Without statistics, SQLite assumes that a provider has ten rows, and reads all rows of the provider instead of using the
primary key. With statistics from ANALYZE, plans would depend on the data at that time. Each migrated file therefore
gets the same statistics for every index.
"""

from __future__ import annotations

from tortoise.backends.base.client import BaseDBAsyncClient

ROWS = 1_000_000
"""The number of rows that the statistics claim for each table."""

ROWS_PER_VALUE = {
    "mssp_id": 100_000,
    "portal_id": 50_000,
    "state": 200_000,
    "category": 300_000,
    "due_at": 1_000,
    "last_at": 1_000,
    "expires_at": 1_000,
    "added_at": 100,
    "last_name_sort": 1_000,
    "first_name_sort": 1_000,
    "status_rank": 125_000,
    "role_rank": 500_000,
    "operation_id": 500,
}
"""The assumed number of rows that share one value, by column. For other columns, the number is OTHER_ROWS_PER_VALUE."""

OTHER_ROWS_PER_VALUE = 10


async def fix(connection: BaseDBAsyncClient) -> None:
    """Replace all statistics of the database file by those that ROWS and ROWS_PER_VALUE describe.

    `connection` uses the new statistics at once. Another connection loads them when it is opened.
    """
    await connection.execute_query("ANALYZE sqlite_master")  # creates sqlite_stat1
    for table in await connection.execute_query_dict("SELECT name FROM sqlite_master WHERE name LIKE 'sqlite_stat%'"):
        await connection.execute_query(f"DELETE FROM {table['name']}")
    indexes = await connection.execute_query_dict(
        'SELECT m.name AS tbl, i.name AS idx, i."unique" AS is_unique,'
        " (SELECT group_concat(name) FROM (SELECT c.name FROM pragma_index_info(i.name) c ORDER BY c.seqno)) AS columns"
        " FROM sqlite_master m JOIN pragma_index_list(m.name) i WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
    )
    for index in indexes:
        columns = index["columns"].split(",")
        await connection.execute_query(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
            [index["tbl"], index["idx"], statistics(columns, is_unique=bool(index["is_unique"]))],
        )
    await connection.execute_query("ANALYZE sqlite_master")  # loads the statistics


def statistics(columns: list[str], *, is_unique: bool) -> str:
    """Return assumed statistics for an index with these columns, in SQLite's format, such as `"1000000 100 1"`.

    The first number is the number of rows. The second is how many rows share a value of the first column. The third is
    how many rows share the values of the first two columns, and so on. For a unique index, the last number is 1.
    """
    alike, found = float(ROWS), [ROWS]
    for column in columns:
        alike = max(1.0, alike * ROWS_PER_VALUE.get(column, OTHER_ROWS_PER_VALUE) / ROWS) if column != "id" else 1.0
        found.append(round(alike))
    if is_unique:
        found[-1] = 1
    return " ".join(map(str, found))
