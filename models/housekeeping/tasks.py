"""What this database knows of each housekeeping task: since when, whether it is held back, when it last succeeded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from tortoise import fields
from tortoise.models import Model

from models.db.dialect import is_any_of
from models.db.fields import KeyField
from models.db.rows import RowMapper
from models.db.sql import Sql, fetch, sql, write


class HousekeepingTask(Model):
    """One task. `known_since` is when this database first met it; until `held_until` it is not done."""

    name = KeyField(primary_key=True)
    known_since = fields.DatetimeField()
    held_until = fields.DatetimeField(null=True)
    succeeded_at = fields.DatetimeField(null=True)

    class Meta:
        table = "housekeeping_task"


class TaskRow(NamedTuple):
    name: str
    known_since: datetime
    held_until: datetime | None = None
    succeeded_at: datetime | None = None


TASK = RowMapper(TaskRow, HousekeepingTask, "k")


async def register(tasks: Sequence[TaskRow]) -> None:
    """Store the tasks that this database does not know yet; the others stay as they are."""
    await TASK.insert(tasks, unless=" ON CONFLICT (name) DO NOTHING")


async def known() -> dict[str, TaskRow]:
    """Return all tasks by name."""
    return {row.name: row for row in TASK.read(await fetch(Sql(f"SELECT {TASK.columns} FROM housekeeping_task k")))}


async def note_success(name: str, at: datetime) -> None:
    """Note that the task was done to its end."""
    await write(sql("UPDATE housekeeping_task SET succeeded_at = ? WHERE name = ?", at, name))


async def release(names: Sequence[str]) -> None:
    """Hold these tasks back no longer."""
    await write("UPDATE housekeeping_task SET held_until = NULL WHERE " + is_any_of("name", names))


async def has_users() -> bool:
    """Return whether any portal has a user: a new database has none."""
    return bool(await fetch(Sql("SELECT 1 FROM portal_user u LIMIT 1")))
