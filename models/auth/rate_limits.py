"""Rate limits: count tries within a window of time. All server processes share the counters, which are rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.db.dialect import is_any_of, locked
from models.db.fields import KeyField
from models.db.rows import RowMapper
from models.db.sql import Sql, sql, write
from models.db.writes import table_of


class LimitedTries(Model):
    """The number of tries for one key within a window of time. The first try begins the window.

    `key` is an HMAC, so the row stores no network address.
    """

    key = KeyField(primary_key=True)
    tries = fields.IntField()
    ends_at = fields.DatetimeField()

    class Meta:
        table = "limited_tries"
        indexes = [Index(fields=("ends_at",))]


class RateWindow(NamedTuple):
    """The tries for one key within a window of time, as `count` returns them.

    `tries` includes the present try. `ends_at` is the end of the window.
    """

    key: str
    tries: int
    ends_at: datetime


_WINDOW = RowMapper(RateWindow, LimitedTries)


async def count(
    keys: Sequence[str], at: datetime, ends_at: datetime, *, unless_known: tuple[UUID, Iterable[str]] | None = None
) -> list[RateWindow]:
    """Count one try for each key, and return the window of each key with its number of tries.

    - `ends_at`: the end of a new window. A key gets a new window if its last window has ended by `at`.
    - `unless_known`: the id of an account, and the digests of the caller's source. If the account has signed in from
      this source before, nothing is counted and the list is empty.

    Requires a transaction. Rows are locked in the order of `keys`, so all callers must use the same order.
    """
    is_over = sql("(t.ends_at <= ? OR t.ends_at > ?)", at, ends_at)  # second case: the clock was set back
    rows = [{"key": key, "ends_at": ends_at} for key in keys]
    return _WINDOW.read(
        await write(
            "INSERT INTO limited_tries AS t (key, tries, ends_at) SELECT v.key, 1, v.ends_at FROM "
            + table_of("v", LimitedTries, ("key", "ends_at"), rows)
            + " WHERE "
            + (_is_strange(*unless_known) if unless_known else Sql("true"))
            + " ON CONFLICT (key) DO UPDATE SET tries = CASE WHEN "
            + is_over
            + " THEN 1 ELSE t.tries + 1 END, ends_at = CASE WHEN "
            + is_over
            + f" THEN excluded.ends_at ELSE t.ends_at END RETURNING {_WINDOW.columns}"
        )
    )


async def decrement(keys: Iterable[str], ends_at: datetime) -> None:
    """Take back the try that `count` has counted for each key.

    `ends_at` is the value that was passed to `count`. A window that ends later is a newer window, and does not change.
    """
    rows = "SELECT t.key FROM limited_tries t WHERE " + is_any_of("t.key", keys) + " ORDER BY t.key"
    await write(
        sql("UPDATE limited_tries SET tries = tries - 1 WHERE tries > 0 AND ends_at <= ? AND key IN (", ends_at)
        + locked(rows, "t")
        + ")"
    )


def _is_strange(account_id: UUID, sources: Iterable[str]) -> Sql:
    return (
        sql("NOT EXISTS (SELECT 1 FROM known_source k WHERE (k.user_id = ? OR k.staff_id = ?) AND ", *[account_id] * 2)
        + is_any_of("k.source", sources)
        + ")"
    )
