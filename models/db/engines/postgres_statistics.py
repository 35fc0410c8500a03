"""Planner statistics for PostgreSQL: each tenant is assumed to have few rows of a large table.

PostgreSQL has two plans for the newest rows of one portal: by the index of the portal, or backward along the primary key
until enough rows are found. If there are few tenants, the second plan seems cheap. For a portal with few rows, that plan
reads the whole table.
"""

from __future__ import annotations

from tortoise.backends.base.client import BaseDBAsyncClient

SHARE = 0.01
"""Distinct values per row that the planner assumes: each value has about 100 rows, whatever ANALYZE finds.

If the planner assumed fewer rows, it would sort all rows of a tenant. If it assumed more rows, it would read along the
primary key.
"""

COLUMNS = (
    *(("audit_event", column) for column in ("mssp_id", "portal_id")),
    *(("bulk_operation", column) for column in ("mssp_id", "actor_id")),
    ("operation_portal", "portal_id"),
)


async def fix(connection: BaseDBAsyncClient) -> None:
    """Set SHARE for each of COLUMNS. The value takes effect at the next ANALYZE of a table, manual or by autovacuum."""
    for table, column in COLUMNS:
        await connection.execute_script(f"ALTER TABLE {table} ALTER COLUMN {column} SET (n_distinct = -{SHARE})")
