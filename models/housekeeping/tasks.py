"""Housekeeping tasks as rows: when each was registered, until when it is delayed, and when it last succeeded."""

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
    """A housekeeping task. `known_since` is when the task was registered. The task does not run before `held_until`."""

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
    """Store the tasks that are not stored yet. Stored tasks do not change."""
    await TASK.insert(tasks, unless=" ON CONFLICT (name) DO NOTHING")


async def known() -> dict[str, TaskRow]:
    """Return all stored tasks, keyed by name."""
    return {row.name: row for row in TASK.read(await fetch(Sql(f"SELECT {TASK.columns} FROM housekeeping_task k")))}


async def note_success(name: str, at: datetime) -> None:
    """Store `at` as the time of the task's last success."""
    await write(sql("UPDATE housekeeping_task SET succeeded_at = ? WHERE name = ?", at, name))


async def release(names: Sequence[str]) -> None:
    """End the delay of the tasks, so that they can run now."""
    await write("UPDATE housekeeping_task SET held_until = NULL WHERE " + is_any_of("name", names))


async def has_users() -> bool:
    """Return whether the database has any portal user. A new database has none."""
    return bool(await fetch(Sql("SELECT 1 FROM portal_user u LIMIT 1")))
