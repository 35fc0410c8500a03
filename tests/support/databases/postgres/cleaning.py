"""The reuse of a finished test's PostgreSQL database: its rows are deleted, and the next test gets it.

A database whose schema, statistics or settings the test has changed is not used again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import asyncpg  # type: ignore[import-untyped]  # ships no types

USES = 50
"""The number of tests that one database serves. Deleted rows keep their space, which changes the planner's estimates.
"""

MOST_BYTES = 4 * 1024 * 1024
"""The maximum size, in bytes, of the tables that are emptied after a test. If they are larger, the database is dropped,
because that is faster.
"""

QUIET = """
    SET application_name = 'gatehouse tests: cleaning';
    SET session_replication_role = replica;  -- no trigger and no foreign key sees how the rows go
    SET lock_timeout = '5s';
"""

OTHERS = """
    SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND NOT (pid = ANY ($1::int[]) AND state = 'idle')
"""

WRITTEN = """
    SELECT oid::regclass::text, pg_relation_size(oid) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""

SCHEMA = " UNION ALL ".join(
    f"SELECT '{catalog}', count(*), max(xmin::text::bigint) FROM {catalog} WHERE {own}"
    for catalog, own in (
        ("pg_class", "oid >= 16384"),
        ("pg_attribute", "attrelid >= 16384"),
        ("pg_attrdef", "true"),
        ("pg_constraint", "oid >= 16384"),
        ("pg_index", "indexrelid >= 16384"),
        ("pg_trigger", "true"),
        ("pg_proc", "oid >= 16384"),
        ("pg_type", "oid >= 16384"),
        ("pg_namespace", "oid >= 16384"),
        ("pg_extension", "true"),
        ("pg_statistic", "true"),
        ("pg_db_role_setting", "true"),
    )
)
"""A query whose result changes with the schema, the statistics or the settings of the server."""

SEQUENCES = """
    SELECT setval(s.oid::regclass, 1, false) FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')
    WHERE s.relkind = 'S' AND d.refobjid = ANY ($1::text[]::regclass[])
"""


class Cleaner:
    """A connection that empties its database after each test."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._uses = 0
        self._schema: Any = None
        self._first: dict[str, _Rows] = {}

    @classmethod
    async def of(cls, url: str) -> Cleaner:
        """Return a cleaner for the new database at `url`.

        The cleaner remembers the rows that the database has now. Each later cleaning restores exactly these rows.
        """
        cleaner = cls(await asyncpg.connect(url))
        await cleaner._connection.execute(QUIET)
        cleaner._first = {table: await cleaner._rows(table) for table in await cleaner._written()}
        cleaner._schema = await cleaner._connection.fetch(SCHEMA)
        return cleaner

    async def cleaned(self, spared: Sequence[int] = ()) -> bool:
        """Empty the database. Return False if it is not as good as a new one, for example after a change of the schema.

        Other connections are ended, except idle ones of the server's processes `spared`.
        """
        self._uses += 1
        if self._uses == USES:
            return False
        try:
            await self._connection.fetchval(OTHERS, spared)
            if await self._connection.fetch(SCHEMA) != self._schema:
                return False
            sizes = await self._written()
            if sum(sizes.values()) > MOST_BYTES:
                return False
            await self._empty(sizes)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False
        return True

    async def _empty(self, sizes: Mapping[str, int]) -> None:
        written = [table for table in sizes if table not in self._first]
        if written:
            await self._connection.execute(";".join(f"DELETE FROM {table}" for table in written))
            await self._connection.fetch(SEQUENCES, written)
        for table, first in self._first.items():
            if await self._connection.fetchrow(first.versions) != first.version:
                await self._connection.execute(f"DELETE FROM {table}")
                await self._connection.execute(first.insertion, first.content)
                self._first[table] = await self._rows(table)

    async def _written(self) -> dict[str, int]:
        return dict(await self._connection.fetch(WRITTEN))

    async def _rows(self, table: str) -> _Rows:
        versions = f"SELECT count(*), max(xmin::text::bigint) FROM {table}"
        return _Rows(
            content=await self._connection.fetchval(f"SELECT jsonb_agg(t) FROM {table} t"),
            insertion=f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, $1)",
            versions=versions,
            version=await self._connection.fetchrow(versions),
        )

    def close(self) -> None:
        self._connection.terminate()


class _Rows(NamedTuple):
    content: str
    insertion: str
    versions: str
    version: Any
