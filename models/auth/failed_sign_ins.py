"""The failed sign-ins of each account: when the last one was, and how many are not in the audit log yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.db.dialect import is_any_of, locked_unless_taken
from models.db.partial_indexes import PartialIndex
from models.db.rows import RowMapper
from models.db.sql import fetch, sql, write
from models.owner_conditions import TABLE
from models.users.lookup import visible_to
from rules.access import Actor
from rules.accounts import AccountKey, AccountKind


class FailedSignIns(Model):
    """The failed sign-ins of one account.

    - `failed_at`: the time of the last failure.
    - `logged_at`: the time of the last audit event about failures.
    - `unlogged`: the number of failures that are not in the audit log yet.
    """

    # No foreign key: its check would wait for a transaction that has locked the account.
    account_id = fields.UUIDField(primary_key=True)
    failed_at = fields.DatetimeField()
    logged_at = fields.DatetimeField(null=True)
    unlogged = fields.IntField(default=0)

    class Meta:
        table = "failed_sign_ins"
        indexes = [
            Index(fields=("failed_at",)),
            PartialIndex(name="failed_sign_ins_unlogged", fields=("logged_at",), where="unlogged > 0"),
        ]


class LastFailure(NamedTuple):
    """The last failed sign-in of a user."""

    user_id: UUID
    at: datetime


class Unlogged(NamedTuple):
    """How many failures of an account are not in the audit log yet, and when failures were last logged."""

    unlogged: int
    logged_at: datetime | None


class DueFailures(NamedTuple):
    """An account, and the number of its failed sign-ins that must now be added to the audit log (`unlogged`).

    `exists` is false if the account has been deleted.
    """

    account_id: UUID
    unlogged: int
    portal_id: UUID | None
    user_mssp_id: UUID | None
    staff_mssp_id: UUID | None

    @property
    def exists(self) -> bool:
        return self.user_mssp_id is not None or self.staff_mssp_id is not None

    @property
    def key(self) -> AccountKey:
        is_user = self.user_mssp_id is not None
        return AccountKey(AccountKind.PORTAL_USER if is_user else AccountKind.STAFF_MEMBER, self.account_id)

    @property
    def mssp_id(self) -> UUID:
        """The id of the account's MSSP. Read it only if `exists` is true, that is, if the account is not deleted."""
        found = self.user_mssp_id or self.staff_mssp_id
        assert found is not None  # noqa: S101  # `exists`
        return found


_LAST_FAILURE = RowMapper(LastFailure, user_id="u.id", at="f.failed_at")
_UNLOGGED = RowMapper(Unlogged, FailedSignIns)
_DUE = RowMapper(
    DueFailures,
    account_id="f.account_id",
    unlogged="f.unlogged",
    portal_id="u.portal_id",
    user_mssp_id="u.mssp_id",
    staff_mssp_id="s.mssp_id",
)


async def last_by_user(actor: Actor, user_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return the time of each user's last failed sign-in, keyed by user id.

    Only users that the actor can see and that have a stored failure are in the dict.
    """
    rows = await fetch(
        f"SELECT {_LAST_FAILURE.columns} FROM failed_sign_ins f JOIN portal_user u ON u.id = f.account_id WHERE "
        + visible_to(actor)
        + " AND "
        + is_any_of("f.account_id", user_ids)
    )
    return {failure.user_id: failure.at for failure in _LAST_FAILURE.read(rows)}


async def note(account: AccountKey | None, at: datetime) -> Unlogged | None:
    """Count a failed sign-in of the account at `at`, and return its failures that are not in the audit log yet.

    For an unknown login, pass None as `account`. If `account` is None or deleted, nothing is counted and the result is
    None. The counted row stays locked until the transaction ends.
    """
    table, account_id = (TABLE[account.kind], account.id) if account else (TABLE[AccountKind.PORTAL_USER], None)
    rows = await write(
        sql(
            "INSERT INTO failed_sign_ins AS f (account_id, failed_at, unlogged)"
            f" SELECT a.id, ?, 1 FROM {table} a WHERE a.id = ?"
            " ON CONFLICT (account_id) DO UPDATE SET failed_at = excluded.failed_at, unlogged = f.unlogged + 1"
            f" RETURNING {_UNLOGGED.columns}",
            at,
            account_id,
        )
    )
    return _UNLOGGED.read(rows)[0] if rows else None


async def due(at: datetime, logged_before: datetime, limit: int) -> list[DueFailures]:
    """Lock and return at most `limit` accounts with failures that must now be added to the audit log.

    An account is due if its failures were last logged at `logged_before` or earlier. Rows that another transaction has
    locked are skipped.
    """
    # A time after `at` counts as old too, because a clock that was ahead wrote it.
    rows = (
        f"SELECT {_DUE.columns} FROM failed_sign_ins f LEFT JOIN portal_user u ON u.id = f.account_id"
        " LEFT JOIN staff_member s ON s.id = f.account_id WHERE f.unlogged > 0 AND "
        + sql("(f.logged_at <= ? OR f.logged_at > ?)", logged_before, at)
        + sql(" LIMIT ?", limit)
    )
    return _DUE.read(await fetch(locked_unless_taken(rows, "f")))


async def count_due(at: datetime, logged_before: datetime) -> int:
    """Return the number of accounts with failed sign-ins that must now be added to the audit log.

    These are the accounts that `due` would return without a limit.
    """
    rows = await fetch(
        sql(
            "SELECT COUNT(*) AS accounts FROM failed_sign_ins f"
            " WHERE f.unlogged > 0 AND (f.logged_at <= ? OR f.logged_at > ?)",
            logged_before,
            at,
        )
    )
    return int(rows[0]["accounts"])


async def note_logged(account_ids: Iterable[UUID], at: datetime) -> None:
    """Store that an audit event at `at` has counted all failures of the accounts so far."""
    await write(
        sql("UPDATE failed_sign_ins SET unlogged = 0, logged_at = ? WHERE ", at) + is_any_of("account_id", account_ids)
    )


async def forget(account_ids: Iterable[UUID]) -> None:
    """Delete the failures of the accounts. Call this function when the accounts are deleted."""
    await write("DELETE FROM failed_sign_ins WHERE " + is_any_of("account_id", account_ids))
