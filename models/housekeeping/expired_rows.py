"""Statements that find and delete expired rows of all providers: rows that are older than their retention period."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from models.db.rows import cells_of
from models.db.sql import Sql, fetch, sql, write
from models.mail.table import MailState
from rules.auth.link_purposes import Purpose
from rules.auth.lockout import STAFF_LOCKOUT_THRESHOLD
from rules.housekeeping import Task


class ExpiredRows(NamedTuple):
    """Which rows (alias t) of a table have expired, for one task.

    - `key`: the column of the primary key.
    - `which`: the SQL condition that a row has expired, such as `t.created_at <= ?`. `older_than` passes the instant
      for the `?`.
    - `instants`: the number of `?` in `which`. All get the same instant.
    - `children`: pairs `(table, foreign key)` of the rows that refer to expired rows. The database deletes them too.
    """

    table: str
    key: str
    which: Sql
    instants: int = 1
    children: tuple[tuple[str, str], ...] = ()

    def older_than(self, instant: datetime) -> Sql:
        return self.which + Sql("", (instant,) * self.instants)


_IS_AN_INVITATION = f"t.purpose = '{Purpose.INVITATION}'"
# The link of a pending change of e-mail stores the account that began the change. Keep an expired link, too.
_AWAITS_VERIFICATION = f"(t.purpose = '{Purpose.VERIFY_EMAIL}' AND t.used_at IS NULL AND t.superseded_at IS NULL)"
_OF_A_LINK = (("outbox_mail", "link_id"),)
_OF_AN_OPERATION = tuple((table, "operation_id") for table in ("idempotency_key", "operation_portal", "bulk_outcome"))
EXPIRED = {
    Task.DROP_IDEMPOTENCY_KEYS: ExpiredRows("idempotency_key", "id", sql("t.created_at <= ?")),
    Task.DROP_MAILS: ExpiredRows(
        "outbox_mail", "id", sql(f"t.state IN ('{MailState.SENT}', '{MailState.CANCELLED}') AND t.finished_at <= ?")
    ),
    Task.DROP_DEAD_MAILS: ExpiredRows("outbox_mail", "id", sql(f"t.state = '{MailState.DEAD}' AND t.finished_at <= ?")),
    Task.DROP_UNSENT_MAILS: ExpiredRows("outbox_mail", "id", sql(f"t.state = '{MailState.QUEUED}' AND t.due_at <= ?")),
    Task.DROP_RESET_REQUESTS: ExpiredRows("reset_request", "id", sql("t.created_at <= ?")),
    Task.DROP_MAIL_COUNTS: ExpiredRows("recipient_mail", "id", sql("t.at <= ?")),
    Task.DROP_LINKS: ExpiredRows(
        "link_token",
        "id",
        sql(f"t.purpose <> '{Purpose.INVITATION}' AND t.expires_at <= ? AND NOT {_AWAITS_VERIFICATION}"),
        children=_OF_A_LINK,
    ),
    Task.DROP_INVITATIONS: ExpiredRows(
        "link_token", "id", sql(f"{_IS_AN_INVITATION} AND t.replaced_at <= ?"), children=_OF_A_LINK
    ),
    Task.DROP_SESSIONS: ExpiredRows(
        "account_session", "id", sql("(t.revoked_at <= ? OR t.expires_at <= ?)"), instants=2
    ),
    Task.DROP_PREVIEWS: ExpiredRows(
        "bulk_operation", "id", sql("t.preview_expires_at <= ?"), children=_OF_AN_OPERATION
    ),
    Task.DROP_OPERATIONS: ExpiredRows(
        "bulk_operation",
        "id",
        sql("t.preview_expires_at IS NULL AND t.finished_at <= ?"),
        children=_OF_AN_OPERATION,
    ),
    # Counters with enough failures for a lock are kept until a success: a hundred failures lock the account for good.
    Task.DROP_ATTEMPTS: ExpiredRows(
        "sign_in_attempts",
        "key",
        sql(f"t.account_id IS NOT NULL AND t.in_a_row < {STAFF_LOCKOUT_THRESHOLD} AND t.last_at <= ?"),
    ),
    Task.DROP_FAILED_SIGN_INS: ExpiredRows("failed_sign_ins", "account_id", sql("t.unlogged = 0 AND t.failed_at <= ?")),
    Task.DROP_GUESSES: ExpiredRows("sign_in_attempts", "key", sql("t.account_id IS NULL AND t.last_at <= ?")),
    Task.DROP_SOURCES: ExpiredRows("known_source", "id", sql("t.last_at <= ?")),
    Task.DROP_LIMITED_TRIES: ExpiredRows("limited_tries", "key", sql("t.ends_at <= ?")),
    Task.DROP_DELETED_NAMES: ExpiredRows("deleted_name", "id", sql("t.erase_at <= ?")),
    # The newest checkpoint of a chain is kept: it signs all that the earlier ones signed.
    Task.DROP_CHECKPOINTS: ExpiredRows(
        "audit_checkpoint",
        "id",
        sql(
            "t.at <= ? AND EXISTS (SELECT 1 FROM audit_checkpoint n WHERE n.chain_id = t.chain_id"
            " AND (n.sequence > t.sequence OR n.sequence = t.sequence AND n.at > t.at))"
        ),
    ),
}


async def delete_children(task: Task, instant: datetime, limit: int) -> int:
    """Delete at most `limit` rows that refer to expired rows, and return how many were deleted.

    One call deletes rows of one table. Call the function until it returns 0.
    """
    rows = EXPIRED[task]
    for table, column in rows.children:
        some = (
            f"SELECT c.id FROM {rows.table} t CROSS JOIN {table} c WHERE c.{column} = t.{rows.key} AND "
            + rows.older_than(instant)
            + sql(" LIMIT ?", limit)
        )
        if gone := len(await write(f"DELETE FROM {table} WHERE id IN (" + some + ") RETURNING id")):
            return gone
    return 0


async def delete(task: Task, instant: datetime, limit: int) -> int:
    """Delete at most `limit` rows that have expired at `instant`, and return how many were deleted."""
    rows = EXPIRED[task]
    some = f"SELECT t.{rows.key} FROM {rows.table} t WHERE " + rows.older_than(instant) + sql(" LIMIT ?", limit)
    gone = f"DELETE FROM {rows.table} WHERE {rows.key} IN (" + some + f") RETURNING {rows.key}"
    return len(await write(gone))


async def count_expired(task: Task, instant: datetime) -> int:
    """Return the number of rows that have expired at `instant`."""
    rows = EXPIRED[task]
    found = await fetch(f"SELECT COUNT(*) FROM {rows.table} t WHERE " + rows.older_than(instant))
    return int(cells_of(found[0])[0])
