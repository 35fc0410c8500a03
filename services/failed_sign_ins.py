"""The audit events of failed sign-ins: at most one for each account and hour, so that no guesser can fill the log.

The first failure writes an event. The failures of the next hour are counted, and written as one event by the first
failure after that hour, or by housekeeping.
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
    """Count a failed sign-in, and write an audit event if the last one is old enough. Requires a transaction.

    `account` is None for an unknown login. The number of statements is then the same as within an hour after an event.
    """
    failures = await failed_sign_ins.note(account.key if account else None, at)
    if account is None or failures is None or not _is_due(failures, at):
        return
    await audit.record([_event(runtime, account, failures.unlogged, at)])
    await failed_sign_ins.note_logged([account.key.id], at)


async def log_rest(runtime: Runtime, limit: int) -> int:
    """Write an event for at most `limit` accounts whose failures no event counts. Return the number of accounts.

    An account that does not exist any more counts, and gets no event. Requires a transaction.
    """
    at = runtime.now()
    found = await failed_sign_ins.due(at, at - FAILURES_LOGGED_EVERY, limit)
    if events := [_event(runtime, each, each.unlogged, at) for each in found if each.exists]:
        await audit.record(events)
    await failed_sign_ins.note_logged([each.account_id for each in found], at)
    return len(found)


async def count_unlogged(at: datetime) -> int:
    """Return the number of accounts for which `log_rest` would write an event at `at`."""
    return await failed_sign_ins.count_due(at, at - FAILURES_LOGGED_EVERY)


def _is_due(failures: Unlogged, at: datetime) -> bool:
    """Return whether an event can be written. An event after `at` does not count: a clock that was ahead wrote it."""
    logged_at = failures.logged_at
    return logged_at is None or not at - FAILURES_LOGGED_EVERY < logged_at <= at


def _event(runtime: Runtime, account: HasAccount, failures: int, at: datetime) -> AuditRow:
    changes = [{"field": "failedSignIns", "before": None, "after": str(failures)}]
    return event_row(runtime, AuditEventType.SIGN_IN_FAILED, account, at, by_owner=False, changes=changes)
