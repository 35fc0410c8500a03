"""What PostgreSQL takes for granted about tenants: that each has next to nothing of a large table.

The newest rows of one portal are found by the portal's index, or by the primary key, backward, until enough of them have
come. The second looks cheap where tenants are few or alike, and reads the whole table for a portal that has few rows.
"""

from __future__ import annotations

from tortoise.backends.base.client import BaseDBAsyncClient

SHARE = 0.01
"""Different values per row that the planner counts on: one value has about 100 rows, whatever ANALYZE finds. With fewer it
would sort all rows of a tenant, with more it would walk the primary key."""

COLUMNS = (
    *(("audit_event", column) for column in ("mssp_id", "portal_id")),
    *(("bulk_operation", column) for column in ("mssp_id", "actor_id")),
    ("operation_portal", "portal_id"),
)


async def fix(connection: BaseDBAsyncClient) -> None:
    """Set the share; the next ANALYZE of each table, by hand or by autovacuum, plans by it."""
    for table, column in COLUMNS:
        await connection.execute_script(f"ALTER TABLE {table} ALTER COLUMN {column} SET (n_distinct = -{SHARE})")
