"""Statistics for PostgreSQL's planner, so that it expects few rows of a large table for each tenant.

PostgreSQL can read the newest rows of one portal by the index of the portal, or backward along the primary key until
enough rows are found. If there are few tenants, the planner prefers the primary key. For a portal with few rows, that
plan reads the whole table.
"""

from __future__ import annotations

from tortoise.backends.base.client import BaseDBAsyncClient

SHARE = 0.01
"""The number of distinct values per row that the planner assumes, regardless of ANALYZE: one value has about 100 rows.

If the planner assumed fewer rows for a value, it would sort all rows of a tenant. If it assumed more rows, it would
read along the primary key.
"""

COLUMNS = (
    *(("audit_event", column) for column in ("mssp_id", "portal_id")),
    *(("bulk_operation", column) for column in ("mssp_id", "actor_id")),
    ("operation_portal", "portal_id"),
    *(("portal_user", column) for column in ("status_rank", "role_rank")),
)


async def fix(connection: BaseDBAsyncClient) -> None:
    """Set SHARE for each of COLUMNS. The value takes effect at the table's next ANALYZE, by hand or by autovacuum."""
    for table, column in COLUMNS:
        await connection.execute_script(f"ALTER TABLE {table} ALTER COLUMN {column} SET (n_distinct = -{SHARE})")
