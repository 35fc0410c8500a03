"""Wrong passwords, counted by account and source, and the sources that an account has signed in from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.account_columns import OWNER, belongs_to_any
from models.db.dialect import is_any_of
from models.db.fields import KeyField
from models.db.rows import RowMapper, cells_of
from models.db.sql import fetch, sql, write
from models.staff import StaffMember
from rules.accounts import AccountKey
from rules.auth.lockout import MOST_KNOWN_SOURCES


class SignInAttempts(Model):
    """Attempts to prove one thing for one account from one source. The key is an HMAC: unknown logins have rows as well,
    so that they cost the same, and no one reads here what was typed.

    `failures` count towards a lock, the last of them since `failed_at`. `in_a_row` are all wrong ones since the last right
    one; no lock's end takes them off. `pending` are being looked at, the latest since `last_at`. `owner_told`: a mail
    was sent about a lock that this row led to.
    """

    key = KeyField(primary_key=True)
    account_id = fields.UUIDField(null=True)
    failures = fields.IntField(default=0)
    in_a_row = fields.IntField(default=0)
    pending = fields.IntField(default=0)
    failed_at = fields.DatetimeField(null=True)
    owner_told = fields.BooleanField(default=False)
    last_at = fields.DatetimeField()

    class Meta:
        table = "sign_in_attempts"
        indexes = [Index(fields=("last_at",)), Index(fields=("account_id", "last_at"))]


class KnownSource(Model):
    """A source that an account has signed in from; it has a counter of its own, which strangers cannot fill."""

    id = fields.UUIDField(primary_key=True)
    staff: fields.ForeignKeyNullableRelation[StaffMember] = fields.ForeignKeyField(
        "models.StaffMember", null=True, on_delete=fields.CASCADE
    )
    user: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "models.PortalUser", null=True, on_delete=fields.CASCADE
    )
    source = KeyField()
    last_at = fields.DatetimeField()

    class Meta:
        table = "known_source"
        unique_together = (("staff", "source"), ("user", "source"))
        indexes = [Index(fields=("last_at",))]
        constraints = [CheckConstraint("(staff_id IS NULL) <> (user_id IS NULL)", "known_source_has_one_account")]


class Counted(NamedTuple):
    """What a counter holds: wrong ones that count towards a lock, all wrong ones in a row, and attempts being looked at."""

    failures: int
    in_a_row: int
    pending: int
    failed_at: datetime | None


_COUNTED = RowMapper(Counted, SignInAttempts)


class AttemptTotals(NamedTuple):
    """Whether the account has signed in from a source, how many failures in a row it has over all of them, and whether
    its owner was mailed about a lock since they began."""

    is_known: bool
    in_all: int
    is_notified: bool


async def totals(account_id: UUID, sources: Iterable[str]) -> AttemptTotals:
    """How the account stands with a source, whose digests these are, one for each key of the server."""
    (row,) = await fetch(
        sql(
            "SELECT EXISTS (SELECT 1 FROM known_source k WHERE (k.user_id = ? OR k.staff_id = ?) AND ",
            account_id,
            account_id,
        )
        + is_any_of("k.source", sources)
        + sql(
            "), COALESCE(SUM(a.in_a_row), 0), COALESCE(SUM(CASE WHEN a.owner_told THEN 1 ELSE 0 END), 0)"
            " FROM sign_in_attempts a WHERE a.account_id = ?",
            account_id,
        )
    )
    is_known, in_all, notified = cells_of(row)
    return AttemptTotals(bool(is_known), int(in_all), bool(notified))


async def admit(
    key: str, account_id: UUID | None, at: datetime, *, threshold: int, forgiven_until: datetime, lost_until: datetime
) -> Counted | None:
    """Admit an attempt to being looked at, however many come at once; None where too many are being looked at.

    No more are looked at than failures are left to `threshold`, but always one. Failures up to `forgiven_until` count no
    more; attempts that began up to `lost_until` were lost.
    """
    counted = sql("CASE WHEN t.failed_at <= ? THEN 0 ELSE t.failures END", forgiven_until)
    rows = await write(
        sql(
            "INSERT INTO sign_in_attempts AS t (key, account_id, failures, in_a_row, pending, owner_told, last_at)"
            " VALUES (?, ?, 0, 0, 1, FALSE, ?) ON CONFLICT (key) DO UPDATE SET failures = ",
            key,
            account_id,
            at,
        )
        + counted
        + sql(", pending = CASE WHEN t.last_at <= ? THEN 1 ELSE t.pending + 1 END", lost_until)
        + sql(", last_at = excluded.last_at WHERE t.last_at <= ? OR t.pending < 1 OR t.pending + ", lost_until)
        + counted
        + sql(f" < ? RETURNING {_COUNTED.columns}", threshold)
    )
    return _COUNTED.read(rows)[0] if rows else None


async def release(key: str) -> None:
    """An admitted attempt is looked at no more, and was neither right nor wrong."""
    await write(sql("UPDATE sign_in_attempts SET pending = pending - 1 WHERE key = ? AND pending > 0", key))


async def fail(key: str, at: datetime, *, threshold: int, was_admitted: bool, is_wrong: bool) -> Counted | None:
    """Count an attempt that proved nothing; None where the counter has begun anew meanwhile.

    One that was admitted is looked at no more. One that is wrong counts in the row and, where it was admitted, towards
    the threshold, but not beyond it.
    """
    counts = f"{'TRUE' if was_admitted and is_wrong else 'FALSE'} AND failures < ?"
    rows = await write(
        sql(
            f"UPDATE sign_in_attempts SET failures = CASE WHEN {counts} THEN failures + 1 ELSE failures END,"
            f" failed_at = CASE WHEN {counts} THEN ? ELSE failed_at END,"
            " in_a_row = in_a_row + ?, pending = CASE WHEN pending > ? THEN pending - ? ELSE 0 END"
            f" WHERE key = ? RETURNING {_COUNTED.columns}",
            threshold,
            threshold,
            at,
            int(is_wrong),
            int(was_admitted),
            int(was_admitted),
            key,
        )
    )
    return _COUNTED.read(rows)[0] if rows else None


async def note_notified(key: str) -> None:
    """Note that the owner was notified of the lock that this counter led to."""
    await write(sql("UPDATE sign_in_attempts SET owner_told = TRUE WHERE key = ?", key))


async def is_first_since(key: str, at: datetime, since: datetime) -> bool:
    """Note something that happens at `at`; False, and nothing is noted, where it happened after `since` already.

    An instant after `at` was written by a clock that was ahead, and does not count.
    """
    rows = await write(
        sql(
            "INSERT INTO sign_in_attempts AS t (key, account_id, failures, in_a_row, pending, owner_told, last_at)"
            " VALUES (?, NULL, 0, 0, 0, FALSE, ?) ON CONFLICT (key) DO UPDATE SET last_at = excluded.last_at"
            " WHERE t.last_at <= ? OR t.last_at > ? RETURNING key",
            key,
            at,
            since,
            at,
        )
    )
    return bool(rows)


async def forget(keys: Iterable[str]) -> None:
    """These counters begin anew: what they count was proved."""
    await write("DELETE FROM sign_in_attempts WHERE " + is_any_of("key", keys))


async def clear(account_ids: Iterable[UUID]) -> None:
    """Every counter of these accounts begins anew: they were unlocked, have a new password, or are gone."""
    await write("DELETE FROM sign_in_attempts WHERE " + is_any_of("account_id", account_ids))


async def forgive(account_ids: Iterable[UUID]) -> None:
    """The failures of these accounts count towards no lock any more, but stay in the row."""
    await write("UPDATE sign_in_attempts SET failures = 0 WHERE " + is_any_of("account_id", account_ids))


async def remember(source_id: UUID, account: AccountKey, source: str, at: datetime) -> None:
    """The account has signed in from that source; beyond MOST_KNOWN_SOURCES the least recent ones are forgotten."""
    column = OWNER[account.kind]
    await write(
        sql(
            f"INSERT INTO known_source (id, {column}, source, last_at) VALUES (?, ?, ?, ?)"
            f" ON CONFLICT ({column}, source) DO UPDATE SET last_at = excluded.last_at",
            source_id,
            account.id,
            source,
            at,
        )
    )
    await write(
        sql(
            f"DELETE FROM known_source WHERE {column} = ? AND id NOT IN (SELECT k.id FROM known_source k"
            f" WHERE k.{column} = ? ORDER BY k.last_at DESC, k.id DESC LIMIT ?)",
            account.id,
            account.id,
            MOST_KNOWN_SOURCES,
        )
    )


async def forget_sources(accounts: Collection[AccountKey]) -> None:
    """No source of these accounts is known any more: what was proved from there is not relied on."""
    await write("DELETE FROM known_source WHERE " + belongs_to_any(accounts))
