"""Make PostgreSQL plan as if each tenant had few of the rows of a large table.

PostgreSQL has two plans to read the newest rows of one portal. One plan reads an index that begins with the portal. The
other plan reads the whole table from its end, until it has found enough rows. In a database with few tenants, ANALYZE
makes the planner prefer the second plan. For a portal with few rows, the second plan reads the whole table.
"""

from __future__ import annotations

from tortoise.backends.base.client import BaseDBAsyncClient

SHARE = 0.01
"""The ratio of distinct values to rows that the planner assumes. At 0.01, 100 rows share one value.

If the planner assumed fewer rows for a value, the plan would sort all rows of a tenant. If the planner assumed more
rows, the plan would read the primary key in order.
"""

COLUMNS = (
    *(("audit_event", column) for column in ("mssp_id", "portal_id")),
    *(("bulk_operation", column) for column in ("mssp_id", "actor_id")),
    ("operation_portal", "portal_id"),
    *(("portal_user", column) for column in ("status_rank", "role_rank")),
)


async def fix(connection: BaseDBAsyncClient) -> None:
    """Make PostgreSQL assume that about 100 rows share each value of a column in COLUMNS (see SHARE).

    The assumption takes effect after the next ANALYZE of the table, which an operator or autovacuum runs.
    """
    for table, column in COLUMNS:
        await connection.execute_script(f"ALTER TABLE {table} ALTER COLUMN {column} SET (n_distinct = -{SHARE})")
