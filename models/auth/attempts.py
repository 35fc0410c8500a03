"""Count failed sign-ins by account and source, and store the sources from which an account has signed in."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.db.dialect import is_any_of
from models.db.fields import KeyField
from models.db.rows import RowMapper, cells_of
from models.db.sql import fetch, sql, write
from models.owner_conditions import OWNER, belongs_to_any
from models.staff import StaffMember
from rules.accounts import AccountKey
from rules.auth.lockout import MOST_KNOWN_SOURCES


class SignInAttempts(Model):
    """Counts one account's attempts from one source. An attempt tries to prove a password or a second factor.

    - `key`: a keyed hash (HMAC) of login and source, so that the row does not reveal the login.
    - `account_id`: null for an unknown login. Unknown logins are counted too, so that their attempts take equally long.
    - `failures`: the failures that count towards a lock. `failed_at` is the time of the last one.
    - `in_a_row`: all failures since the last success. The end of a lock does not reset this number.
    - `pending`: the attempts that are being checked. `last_at` is the start of the latest attempt.
    - `owner_told`: whether a mail has notified the owner of a lock that this counter caused.
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
    """A source (a network) from which an account has signed in.

    An account that is locked because of failed sign-ins from other sources can still sign in from this source.
    """

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


class AttemptCounter(NamedTuple):
    """The state of a counter of attempts. The fields have the meaning of the columns of SignInAttempts."""

    failures: int
    in_a_row: int
    pending: int
    failed_at: datetime | None


_COUNTED = RowMapper(AttemptCounter, SignInAttempts)


class AttemptTotals(NamedTuple):
    """The failures of an account over all sources.

    - `is_known`: whether the account has signed in from the source of this attempt.
    - `in_all`: the sum of `in_a_row` over all sources.
    - `is_notified`: whether a mail has notified the owner of a lock since the last success.
    """

    is_known: bool
    in_all: int
    is_notified: bool


async def totals(account_id: UUID, sources: Iterable[str]) -> AttemptTotals:
    """Return the failures of the account over all sources, and whether the present source is known.

    `sources` are digests of the present source, one for each hashing key of the server.
    """
    (row,) = await fetch(
        sql(
            "SELECT EXISTS (SELECT 1 FROM known_source k WHERE (k.user_id = ? OR k.staff_id = ?) AND ",
            *[account_id] * 2,
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
) -> AttemptCounter | None:
    """Let an attempt begin: add 1 to `pending` of the counter `key`. Return None if too many attempts are pending.

    - `account_id`: the account to store in a new counter. None for an unknown login.
    - `threshold`: the maximum of `failures` and `pending` together. A counter without pending attempts always admits an
      attempt.
    - `forgiven_until`: if the last failure was at this time or earlier, `failures` begins at 0 again.
    - `lost_until`: if the latest attempt began at this time or earlier, `pending` begins at 0 again.
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
    """Take back an admitted attempt, as if it had not been made."""
    await write(sql("UPDATE sign_in_attempts SET pending = pending - 1 WHERE key = ? AND pending > 0", key))


async def count_failure(
    key: str, at: datetime, *, threshold: int, was_admitted: bool, is_wrong: bool
) -> AttemptCounter | None:
    """Count a refused attempt. Return the new state of the counter, or None if the counter was deleted meanwhile.

    - `was_admitted`: whether `admit` has let the attempt begin. If so, subtract 1 from `pending`.
    - `is_wrong`: whether the password or code was wrong. If so, add 1 to `in_a_row`.

    If both are true, also add 1 to `failures`, at most up to `threshold`.
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
    """Store that the owner of the account was notified of the lock which the counter `key` has caused."""
    await write(sql("UPDATE sign_in_attempts SET owner_told = TRUE WHERE key = ?", key))


async def is_first_since(key: str, at: datetime, since: datetime) -> bool:
    """Return whether the event `key` happens for the first time after `since`. If so, store `at` as its time.

    A stored time after `at` is ignored, because a wrong clock wrote it.
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


async def delete_counters(keys: Iterable[str]) -> None:
    """Delete the counters with these keys. Call this function after a success."""
    await write("DELETE FROM sign_in_attempts WHERE " + is_any_of("key", keys))


async def delete_all_counters(account_ids: Iterable[UUID]) -> None:
    """Delete the accounts' counters of attempts. Called after an unlock, a new password or a deletion of an account."""
    await write("DELETE FROM sign_in_attempts WHERE " + is_any_of("account_id", account_ids))


async def reset_failures(account_ids: Iterable[UUID]) -> None:
    """Set `failures` of the accounts' counters to 0, so that past failures cause no lock. `in_a_row` is kept."""
    await write("UPDATE sign_in_attempts SET failures = 0 WHERE " + is_any_of("account_id", account_ids))


async def remember_source(source_id: UUID, account: AccountKey, source: str, at: datetime) -> None:
    """Store that the account has signed in from `source`. Only the MOST_KNOWN_SOURCES most recent sources are kept."""
    column = OWNER[account.kind]
    known = f"UPDATE known_source SET last_at = ? WHERE {column} = ? AND source = ? RETURNING id"
    if await write(sql(known, at, account.id, source)):
        return
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
    """Delete the known sources of the accounts, so that no source of an earlier sign-in is trusted."""
    await write("DELETE FROM known_source WHERE " + belongs_to_any(accounts))
