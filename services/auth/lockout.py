"""Lockout (T7): too many failed attempts lock the account, and its owner is notified.

A locked-out portal user has the status LOCKED_OUT. One transaction writes the last failure and the status. Members of
staff, and users whose status allows no lockout, are locked by the attempt counters only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from models.auth import attempts
from models.auth.attempts import AttemptCounter, AttemptTotals
from models.users.table import UserRow
from rules.audit_events import ProviderEvent
from rules.auth.lockout import MOST_IN_A_ROW, Proof
from rules.auth.sign_in_blockers import lock_ends_at
from rules.lifecycle.events import Event, concerns
from rules.lifecycle.statuses import Status
from rules.mail.kinds import MailKind
from rules.security_events import SecurityEvent
from services import failed_sign_ins, provider_events
from services.auth import accounts
from services.auth.accounts import Account, PortalAccount
from services.auth.attempts import NO_ACCOUNT, Attempt
from services.lifecycle import events
from services.mail import notifications
from services.mail.notifications import Notification
from services.ports import SignInPorts
from services.runtime import Runtime

REFUSALS_TAKE = timedelta(milliseconds=50)
"""The minimum time between the check of an attempt and its refusal.

Locking an account, or writing an audit event, normally takes less time. The response time therefore does not reveal
whether the account exists, or whether the attempt locked the account.
"""


FAILED = {
    Proof.PASSWORD: SecurityEvent.SIGN_IN_FAILED,
    Proof.SECOND_FACTOR: SecurityEvent.SECOND_FACTOR_FAILED,
}
"""The security event of a failed attempt, by kind of proof."""


class _ChangesStatusError(Exception):
    """Raised to roll back the count of a failure, because the failure also changes the account's lock.

    A second transaction then locks the rows of the account before it counts the failure.
    """


async def record_failure(
    runtime: Runtime, ports: SignInPorts, account: Account | None, attempt: Attempt, *, is_wrong: bool = True
) -> None:
    """Count a refused attempt, and lock the account at the threshold. The call takes at least REFUSALS_TAKE.

    `is_wrong` is false if a lock refused a right password or code. Such an attempt adds no failure, but can still lock
    the account, for example if the attempt was not admitted.
    """
    is_locked, _ = await asyncio.gather(
        _count(runtime, account, attempt, is_wrong=is_wrong), ports.sleep(REFUSALS_TAKE)
    )
    _note(runtime, FAILED[attempt.proof], account, what=None if is_wrong else "right, but locked out")
    if is_locked:
        _note(runtime, SecurityEvent.LOCKED_OUT, account)


def _note(runtime: Runtime, event: SecurityEvent, account: Account | None, what: str | None = None) -> None:
    runtime.security.note(
        event,
        account_id=account.id if account else None,
        portal_id=account.portal_id if account else None,
        what=what,
    )


async def _count(runtime: Runtime, account: Account | None, attempt: Attempt, *, is_wrong: bool) -> bool:
    """Count the refused attempt and return whether it locked the account."""

    async def count() -> tuple[AttemptCounter | None, AttemptTotals]:
        counted = await attempts.count_failure(
            attempt.key, runtime.now(), threshold=attempt.threshold, was_admitted=attempt.is_admitted, is_wrong=is_wrong
        )
        await failed_sign_ins.record_failure(runtime, account.row if account else None, runtime.now())
        return counted, await attempts.totals(account.id if account else NO_ACCOUNT, [])

    async def write() -> None:
        if account and account.lock_is_over(runtime.now()):
            raise _ChangesStatusError
        counted, totals = await count()
        if account is None or not _is_due(attempt, counted, totals):
            return
        if _locking_event(account.user, totals) if isinstance(account, PortalAccount) else not totals.is_notified:
            raise _ChangesStatusError

    async def write_holding() -> bool:
        if isinstance(account, PortalAccount):
            return await _lock_out(runtime, account, attempt, count)
        if account is None or await accounts.lock(account.key) is None:
            return False
        _, totals = await count()
        at, member = runtime.now(), account.member
        if not totals.is_notified:  # one event and one mail between two successful sign-ins
            await provider_events.record(
                runtime, ProviderEvent.STAFF_LOCKED_OUT, member.mssp_id, at, actor_id=None, staff_id=member.id
            )
        await _notify(runtime, account, attempt, totals, at)
        return True

    try:
        await runtime.transactions.run(write)
    except _ChangesStatusError:
        return await runtime.transactions.run(write_holding)
    return False


async def _lock_out(
    runtime: Runtime,
    account: Account,
    attempt: Attempt,
    count: Callable[[], Awaitable[tuple[AttemptCounter | None, AttemptTotals]]],
) -> bool:
    located = await events.lock_user(runtime, account.id)
    if located is None:
        return False
    locked, user = located
    ends_at = lock_ends_at(user, locked.portal.row)
    if ends_at is not None and ends_at <= locked.at:
        await events.apply_event(runtime, Event.LOCK_ENDED, locked, [user])
        locked = await events.lock_users(runtime, user.portal_id, [user.id])
        user = locked.users[user.id]
    counted, totals = await count()
    event = _locking_event(user, totals) if _is_due(attempt, counted, totals) else None
    if event is None:
        return False
    for_good = {user.id: {"locked_for_good": True}} if event is Event.LOCKED_FOR_GOOD else None
    await events.apply_event(runtime, event, locked, list(locked.users.values()), extra_columns=for_good)
    await _notify(runtime, account, attempt, totals, locked.at)
    return True


def _is_due(attempt: Attempt, counted: AttemptCounter | None, totals: AttemptTotals) -> bool:
    """Return whether the counter has reached its threshold, or the account has MOST_IN_A_ROW failures.

    An attempt that was not admitted counts as if the threshold was reached. Return False if the counter was deleted
    meanwhile (`counted` is None).
    """
    if counted is None:  # a successful attempt or an unlock has reset the counter meanwhile
        return False
    is_full = counted.failures >= attempt.threshold or not attempt.is_admitted
    return is_full or totals.in_all >= MOST_IN_A_ROW


def _locking_event(user: UserRow, totals: AttemptTotals) -> Event | None:
    """Return the event that locks the user: LOCKED_OUT, or LOCKED_FOR_GOOD after MOST_IN_A_ROW failures.

    Return None if the user cannot be locked, or is locked already. LOCKED_FOR_GOOD makes a temporary lock permanent.
    """
    for_good = totals.in_all >= MOST_IN_A_ROW
    if user.status is not Status.LOCKED_OUT:
        event = Event.LOCKED_FOR_GOOD if for_good else Event.LOCKED_OUT
        return event if concerns(event, user.status) else None
    return Event.LOCKED_FOR_GOOD if for_good and not user.locked_for_good else None


async def _notify(runtime: Runtime, account: Account, attempt: Attempt, totals: AttemptTotals, at: datetime) -> None:
    """Mail the owner that the account is locked.

    No mail is sent if the owner was mailed since the last successful sign-in, or on the same day.
    """
    if totals.is_notified:
        return
    await attempts.note_notified(attempt.key)
    if account.address:
        about = f"{account.id}:{at:%Y-%m-%d}"
        await notifications.enqueue_notifications(
            runtime, [Notification(account.row, MailKind.LOCKED_OUT, account.address, about)], at
        )
