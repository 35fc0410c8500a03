"""Fixed statistics for PostgreSQL's planner: each tenant has few of the rows of a large table.

PostgreSQL has two plans to read the newest rows of one portal. One plan reads an index that begins with the portal. The
other plan reads the primary key in reverse order until enough rows are found. If there are few tenants, ANALYZE makes
the planner prefer the primary key. For a portal with few rows, that plan reads the whole table.
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
    """Tell PostgreSQL that about 100 rows share one value (see SHARE) in each of the columns in COLUMNS.

    PostgreSQL uses the setting after the next ANALYZE of the table, which an operator or autovacuum runs.
    """
    for table, column in COLUMNS:
        await connection.execute_script(f"ALTER TABLE {table} ALTER COLUMN {column} SET (n_distinct = -{SHARE})")
