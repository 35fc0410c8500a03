"""Measure how many rows the database reads for each statement of the product, while the statement runs.

On PostgreSQL, each statement first runs under EXPLAIN ANALYZE in a savepoint that is rolled back, and then runs again.
On SQLite, the steps of its virtual machine are counted. SQLite takes about ten steps for a row that it reads.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import orjson
import pytest
from tortoise.backends.base.client import BaseDBAsyncClient

from models.db import sql

STEPS = 10
"""The number of steps (instructions of SQLite's virtual machine) after which SQLite calls the counter again."""

STEPS_PER_ROW = 10
"""The approximate number of steps that SQLite takes for a row that it reads and rejects."""

_PASSED_ON = {"models.db.sql", "models.db.dialect", "models.db.keyset.pages", "models.db.rows", "models.db.writes"}
"""Modules that only run statements which other modules compose. No statement is named after a function of these."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One run of a statement. `rows` counts the rows of tables and indexes that were read, including rejected rows.

    `pages` is known on PostgreSQL only.
    """

    statement: str
    text: str
    rows: int
    pages: int | None = None
    values: tuple[Any, ...] = ()


@dataclass
class Meter:
    """The readings since the last call of `take`."""

    without_scans: bool = False
    readings: list[Reading] = field(default_factory=list)

    def take(self) -> list[Reading]:
        """Return the readings since the last call of `take`."""
        taken, self.readings = self.readings, []
        return taken

    def note(self, text: str, values: Sequence[Any], rows: int, pages: int | None = None) -> None:
        """Add the measurement of one SQL statement: the number of rows, and of pages, that it read.

        The reading is named after the function of `models` that composed the statement (`_statement`).
        """
        self.readings.append(Reading(_statement(), text, rows, pages, tuple(values)))


@contextmanager
def metered(*, without_scans: bool = False) -> Iterator[Meter]:
    """Measure every statement of `models` while the body runs.

    If `without_scans`, PostgreSQL avoids scans of whole tables, and reads a small table as it would read a large one.
    """
    meter = Meter(without_scans=without_scans)
    plain = sql.connection
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sql, "connection", lambda: _Metered(plain(), meter))
        yield meter


class _Metered:
    """A database connection that measures each statement and delegates everything else."""

    def __init__(self, client: BaseDBAsyncClient, meter: Meter) -> None:
        self._client = client
        self._meter = meter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def execute_query(self, text: str, values: Sequence[Any]) -> Any:
        return await self._measured(self._client.execute_query, text, list(values))

    async def execute_query_dict(self, text: str, values: Sequence[Any]) -> Any:
        return await self._measured(self._client.execute_query_dict, text, list(values))

    async def rows(self, text: str, values: Sequence[Any]) -> Any:
        run: Any = self._client
        return await self._measured(run.rows, text, list(values))

    async def _measured(self, run: Any, text: str, values: list[Any]) -> Any:
        if self._client.capabilities.dialect == "postgres":
            self._meter.note(text, values, *await self._explained(text, values))
            return await run(text, values)
        return await self._stepped(run, text, values)

    async def _explained(self, text: str, values: list[Any]) -> tuple[int, int]:
        async with self._client.acquire_connection() as raw:
            transaction = raw.transaction()
            await transaction.start()
            try:
                if self._meter.without_scans:
                    await raw.execute(
                        "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
                    )
                found = await raw.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {text}", *values)
            finally:
                await transaction.rollback()
        plan = orjson.loads(found)[0]["Plan"]
        return rows_read(plan), int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])

    async def _stepped(self, run: Any, text: str, values: list[Any]) -> Any:
        steps = 0

        def count() -> int:
            nonlocal steps
            steps += STEPS
            return 0

        raw: Any = getattr(self._client, "_connection", None)
        await raw.set_progress_handler(count, STEPS)
        try:
            return await run(text, values)
        finally:
            await raw.set_progress_handler(None, STEPS)
            self._meter.note(text, values, steps // STEPS_PER_ROW)


def rows_read(plan: dict[str, Any]) -> int:
    """Return the number of rows that a plan read from tables and indexes, including rejected rows.

    The plan is the output of EXPLAIN (ANALYZE, FORMAT JSON).
    """
    is_scan = plan["Node Type"].endswith("Scan") and ("Relation Name" in plan or "Index Name" in plan)
    own = float(plan["Actual Rows"]) if is_scan else 0.0
    rejected = sum(plan.get(f"Rows Removed by {reason}", 0) for reason in ("Filter", "Index Recheck", "Join Filter"))
    below = sum(rows_read(each) for each in plan.get("Plans", ()))
    return below + int((own + float(rejected)) * float(plan["Actual Loops"]))


def _statement() -> str:
    """Return the name of the function of `models` that composed the statement.

    If no such function is on the stack, return the name of the function that runs the statement.
    """
    frame: FrameType | None = sys._getframe(2)
    passed_on = "unknown"
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module in _PASSED_ON:
            passed_on = f"{module}.{frame.f_code.co_name}"
        elif module.startswith("models."):
            return f"{module}.{frame.f_code.co_name}"
        frame = frame.f_back
    return passed_on
