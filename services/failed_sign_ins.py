"""The audit events of failed sign-ins: at most one per account and hour, so that an attacker cannot fill the log.

The first failure writes an event. The failures of the next hour are only counted. A later event contains their number.
"""

from __future__ import annotations

from datetime import datetime

from models import audit
from models.audit import AuditRow
from models.auth import failed_sign_ins
from models.auth.failed_sign_ins import Unlogged
from rules.audit_events import AuditEventType
from rules.auth.lockout import FAILURES_LOGGED_EVERY
from services.account_events import HasAccount, event_row
from services.runtime import Runtime


async def record_failure(runtime: Runtime, account: HasAccount | None, at: datetime) -> None:
    """Count a failed sign-in. Requires a transaction.

    An audit event is written too, unless the account's last event about failed sign-ins is less than an hour old.
    `account` is None for an unknown login. The function then counts nothing, but runs the same statement. The response
    time therefore does not reveal whether the account exists.
    """
    failures = await failed_sign_ins.note(account.key if account else None, at)
    if account is None or failures is None or not _is_due(failures, at):
        return
    await audit.record([_event(runtime, account, failures.unlogged, at)])
    await failed_sign_ins.note_logged([account.key.id], at)


async def record_unlogged(runtime: Runtime, limit: int) -> int:
    """Write an event for each account with failures that no event contains yet, for at most `limit` accounts.

    Return the number of accounts, deleted accounts included. Deleted accounts get no event. Requires a transaction.
    """
    at = runtime.now()
    found = await failed_sign_ins.due(at, at - FAILURES_LOGGED_EVERY, limit)
    if events := [_event(runtime, each, each.unlogged, at) for each in found if each.exists]:
        await audit.record(events)
    await failed_sign_ins.note_logged([each.account_id for each in found], at)
    return len(found)


async def count_unlogged(at: datetime) -> int:
    """Return the number of accounts for which `record_unlogged` would write an event at `at`."""
    return await failed_sign_ins.count_due(at, at - FAILURES_LOGGED_EVERY)


def _is_due(failures: Unlogged, at: datetime) -> bool:
    """Return whether the account's failed sign-ins must be written to the audit log at `at`.

    This is the case if the last audit event about them is at least an hour old, or if there is none. An event with a
    time after `at` is ignored: the clock of the server that wrote it was ahead.
    """
    logged_at = failures.logged_at
    return logged_at is None or not at - FAILURES_LOGGED_EVERY < logged_at <= at


def _event(runtime: Runtime, account: HasAccount, failures: int, at: datetime) -> AuditRow:
    changes = [{"field": "failedSignIns", "before": None, "after": str(failures)}]
    return event_row(runtime, AuditEventType.SIGN_IN_FAILED, account, at, by_owner=False, changes=changes)
