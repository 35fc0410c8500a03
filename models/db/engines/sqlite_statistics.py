"""SQLite plans by fixed statistics: what a large database looks like, whatever this one holds.

Without statistics SQLite takes a provider's rows for ten, and reads all of them where a primary key would do. With those
of ANALYZE a plan changes from one day to the next. So each migrated file gets these, for every index, by its columns.
"""

from __future__ import annotations

from tortoise.backends.base.client import BaseDBAsyncClient

ROWS = 1_000_000
"""Rows of every table."""

ALIKE = {
    "mssp_id": 100_000,
    "portal_id": 50_000,
    "state": 200_000,
    "category": 300_000,
    "due_at": 1_000,
    "last_at": 1_000,
    "expires_at": 1_000,
    "added_at": 100,
    "last_name_sort": 1_000,
    "operation_id": 500,
}
"""How many rows have the same value in that column; ten for every other one."""

ALIKE_OTHERWISE = 10


async def fix(connection: BaseDBAsyncClient) -> None:
    """Write the statistics of every index, and let this connection plan by them; other ones do when they open."""
    await connection.execute_query("ANALYZE sqlite_master")  # makes the table
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
    await connection.execute_query("ANALYZE sqlite_master")  # reads it


def statistics(columns: list[str], *, is_unique: bool) -> str:
    """Return an index's line of sqlite_stat1: all rows, then how many are alike in its first column, its first two …"""
    alike, found = float(ROWS), [ROWS]
    for column in columns:
        alike = max(1.0, alike * ALIKE.get(column, ALIKE_OTHERWISE) / ROWS) if column != "id" else 1.0
        found.append(round(alike))
    if is_unique:
        found[-1] = 1
    return " ".join(map(str, found))
