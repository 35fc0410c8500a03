"""Wrong passwords, counted by account and source, and the sources that an account has signed in from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.accounts import StaffMember
from models.dialect import is_any_of
from models.fields import KeyField
from models.sql import fetch, sql, write

MOST = 1_000_000
"""No counter counts further; far beyond any threshold, and what is given back is still exact where it matters."""


class SignInAttempts(Model):
    """Consecutive wrong passwords of one account from one source. The key is an HMAC: unknown logins have rows as well,
    so that they cost the same, and nobody reads here what was typed."""

    key = KeyField(primary_key=True)
    account_id = fields.UUIDField(null=True)
    failures = fields.IntField()
    last_at = fields.DatetimeField()

    class Meta:
        table = "sign_in_attempts"
        indexes = [Index(fields=("last_at",)), Index(fields=("account_id",))]


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
        constraints = [CheckConstraint("(staff_id IS NULL) <> (user_id IS NULL)", "known_source_has_one_account")]


async def is_known(account_id: UUID, sources: Iterable[str]) -> bool:
    """Whether the account has signed in from that source, whose digests these are, one for each key of the server."""
    found = await fetch(
        sql("SELECT 1 FROM known_source k WHERE (k.user_id = ? OR k.staff_id = ?) AND ", account_id, account_id)
        + is_any_of("k.source", sources)
    )
    return bool(found)


async def reserve(key: str, account_id: UUID | None, at: datetime, *, threshold: int, over_until: datetime) -> int:
    """Counts a try before its password is looked at, and gives its number, however many come at once.

    Failures up to `over_until` count no more. Tries beyond the threshold do not prolong anything.
    """
    (row,) = await write(
        sql(
            "INSERT INTO sign_in_attempts (key, account_id, failures, last_at) VALUES (?, ?, 1, ?)"
            " ON CONFLICT (key) DO UPDATE SET"
            " failures = CASE WHEN sign_in_attempts.last_at <= ? THEN 1"
            f" WHEN sign_in_attempts.failures < {MOST} THEN sign_in_attempts.failures + 1"
            " ELSE sign_in_attempts.failures END,"
            " last_at = CASE WHEN sign_in_attempts.last_at <= ? OR sign_in_attempts.failures < ? THEN excluded.last_at"
            " ELSE sign_in_attempts.last_at END RETURNING failures",
            *(key, account_id, at, over_until, over_until, threshold),
        )
    )
    return int(row["failures"])


async def give_back(key: str) -> None:
    """A reserved try that was never looked at is not counted."""
    await write(sql("UPDATE sign_in_attempts SET failures = failures - 1 WHERE key = ? AND failures > 0", key))


async def failures(key: str) -> int:
    """How many failures that counter holds."""
    found = await fetch(sql("SELECT a.failures FROM sign_in_attempts a WHERE a.key = ?", key))
    return int(found[0]["failures"]) if found else 0


async def forget(keys: Iterable[str]) -> None:
    """These counters begin again."""
    await write("DELETE FROM sign_in_attempts WHERE " + is_any_of("key", keys))


async def clear(account_ids: Iterable[UUID], *, but: str | None = None) -> None:
    """All counters of these accounts begin again: they were unlocked, have a new password, or are gone.

    `but` is the key of one that stays.
    """
    await write(
        "DELETE FROM sign_in_attempts WHERE "
        + is_any_of("account_id", account_ids)
        + (sql(" AND key <> ?", but) if but else "")
    )


async def remember(id: UUID, account_id: UUID, source: str, at: datetime, *, is_staff: bool) -> None:
    """The account has signed in from that source."""
    column = "staff_id" if is_staff else "user_id"
    await write(
        sql(
            f"INSERT INTO known_source (id, {column}, source, last_at) VALUES (?, ?, ?, ?)"
            f" ON CONFLICT ({column}, source) DO UPDATE SET last_at = excluded.last_at",
            *(id, account_id, source, at),
        )
    )
