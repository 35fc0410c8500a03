"""The housekeeping tasks. A task works in batches; each batch is one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from itertools import groupby
from uuid import UUID

from models.db.database_errors import timed_out
from models.housekeeping import due_users, expired_rows
from models.housekeeping.due_users import Due, DueInPortal
from models.housekeeping.expired_rows import EXPIRED
from models.users import idle_columns
from rules.audit_events import AuditEventType
from rules.housekeeping import KEPT, Task, spares_last_admin, suspended_at
from rules.lifecycle.events import Event, decide_event
from rules.mail.kinds import MailKind
from rules.refusals import Refusal
from services import failed_sign_ins
from services.audit_chain.checkpoints import CheckpointSigner
from services.lifecycle import effects, events
from services.mail import notifications
from services.mail.notifications import Notification
from services.runtime import Runtime

BATCH = 500
"""The maximum number of users of one portal, or of rows, in one transaction."""

BATCH_ERASED = 100
"""The maximum number of users to erase in one transaction.

The number is smaller than BATCH, because a user's sessions, links and mails are deleted with the user.
"""

SLOW = timedelta(seconds=1)
"""If a batch takes longer than this, the size of the next batch is halved."""

EVENTS = {
    Task.END_LOCKS: Event.LOCK_ENDED,
    Task.SUSPEND_IDLE: Event.WENT_IDLE,
    Task.RELEASE_SEATS: Event.INVITATION_EXPIRED,
    Task.ERASE_DEACTIVATED: Event.RETENTION_ENDED,
}

Advance = Callable[[int], Awaitable[None]]
"""A callback that receives the number of users or rows changed since its last call. An exception stops the task."""

Step = Callable[[int], Awaitable[tuple[int, bool]]]
"""A function that does one batch of at most the given number of users or rows.

The function returns the number of users or rows changed, and whether there can be another batch.
"""


class TaskRunner:
    """Runs the tasks of housekeeping. `batch` is the maximum number of users or rows in one transaction."""

    def __init__(self, runtime: Runtime, batch: int = BATCH) -> None:
        self._runtime = runtime
        self._batch = batch

    async def run_task(self, task: Task, advance: Advance) -> None:
        """Run the task in batches, and call `advance` after each batch."""
        if task in EXPIRED:
            await self.in_batches(task, partial(self._drop, task), advance)
            return
        if task is Task.LOG_FAILED_SIGN_INS:
            await self.in_batches(task, self._log_failed_sign_ins, advance)
            return
        if task is Task.SIGN_CHECKPOINTS:
            await self.in_batches(task, CheckpointSigner(self._runtime).step, advance)
            return
        if task is Task.WARN_IDLE:
            await self.in_batches(task, self._forget_warnings, advance)
        for policy in await due_users.policy_values(task):
            await self.in_batches(task, _DueUsers(self, task, policy).step, advance)

    async def count(self, task: Task, suspended: Counter[UUID]) -> int:
        """Return the number of users or rows that the task would change.

        `suspended` maps each portal to the number of its admins that SUSPEND_IDLE would suspend. The call for
        SUSPEND_IDLE fills this counter. The call for WARN_IDLE must come later, and reads the counter.
        """
        now = self._runtime.now()
        if task in EXPIRED:
            return await expired_rows.count_expired(task, now - KEPT[task])
        if task is Task.LOG_FAILED_SIGN_INS:
            return await failed_sign_ins.count_unlogged(now)
        if task is Task.SIGN_CHECKPOINTS:
            return await CheckpointSigner(self._runtime).count()
        found = [
            due
            for policy in await due_users.policy_values(task)
            for due in await due_users.count_due(task, policy, now)
        ]
        return sum(due.users - _spared(task, due, suspended) for due in found)

    async def in_batches(self, task: Task, step: Step, advance: Callable[[int], Awaitable[None]]) -> None:
        """Call `step` until no batch is left. Halve the batch size after a time-out or a batch longer than SLOW.

        After a time-out, the batch is tried again. Only a batch of size 1 raises its time-out. Other errors of `step`
        are raised at once.
        """
        size = min(self._batch, BATCH_ERASED) if task is Task.ERASE_DEACTIVATED else self._batch
        more = True
        while more:
            began = self._runtime.now()
            try:
                done, more = await step(size)
            except Exception as error:
                if size == 1 or not timed_out(error):
                    raise
                done = 0
            else:
                if not done and not more:
                    return
                if self._runtime.now() - began <= SLOW:
                    await advance(done)
                    continue
            size = max(1, size // 2)
            await advance(done)

    async def due(self, task: Task, policy: int, behind: Due | None, limit: int) -> list[Due]:
        """Return the next users who are due for the task, at most `limit`, ordered by portal.

        Only portals whose setting for the task is `policy` are searched. `behind` is the last user of the previous
        batch, or None for the first batch.
        """
        return await due_users.due(task, policy, self._runtime.now(), behind, limit)

    async def change_in_portal(self, task: Task, portal_id: UUID, user_ids: Sequence[UUID]) -> int:
        """Lock the given users, apply the task to those who are still due, and return their number."""

        async def write() -> int:
            locked = await events.lock_users(self._runtime, portal_id, user_ids)
            policy = due_users.policy_value(task, locked.portal.row)
            if policy is None:
                return 0
            still = await due_users.still_due(task, policy, locked.at, portal_id, locked.users)
            if task is Task.WARN_IDLE:
                return await self._warn(locked, still, policy)
            return len(
                await events.apply_event(self._runtime, EVENTS[task], locked, [locked.users[due.id] for due in still])
            )

        return await self._runtime.transactions.run(write)

    async def _warn(self, locked: events.LockedUsers, still: Sequence[Due], policy: int) -> int:
        """Store and mail the idle warnings of the users who are still due, and return their number.

        The warnings are in the audit log too. The last enabled admin of a portal gets none, because that admin is never
        suspended as idle.
        """
        warned, notices = list[UUID](), list[Notification]()
        for due in still:
            user = locked.users[due.id]
            try:
                decide_event(Event.WENT_IDLE, user, locked.portal_state)
            except Refusal:
                continue
            warned.append(user.id)
            deadline = suspended_at(due.since, locked.at, policy)
            about = f"{user.id}:{locked.at.isoformat()}"
            notices += notifications.notification_for(MailKind.IDLE_WARNING, user, about, deadline)
        await idle_columns.note_warning(warned, locked.at)
        await notifications.enqueue_notifications(self._runtime, notices, locked.at)
        await effects.record_notices(
            self._runtime, AuditEventType.WARNED_AS_IDLE, [locked.users[user_id] for user_id in warned], locked.at
        )
        return len(warned)

    async def _forget_warnings(self, limit: int) -> tuple[int, bool]:
        """Delete the idle warnings of at most `limit` users of inactive portals, who cannot sign in.

        Return 0 as the number of changed users, and whether there can be another batch.
        """
        gone = await self._runtime.transactions.run(partial(due_users.forget_warnings, limit))
        return 0, gone == limit

    async def _log_failed_sign_ins(self, limit: int) -> tuple[int, bool]:
        """Write the audit events about failed sign-ins of at most `limit` accounts.

        Return the number of these accounts, and whether there can be another batch.
        """
        logged = await self._runtime.transactions.run(partial(failed_sign_ins.record_unlogged, self._runtime, limit))
        return logged, logged == limit

    async def _drop(self, task: Task, limit: int) -> tuple[int, bool]:
        """Delete a batch of rows that refer to expired rows. If there are none, delete a batch of expired rows.

        Return the number of expired rows deleted, at most `limit`, and whether there can be another batch.
        """

        async def write() -> tuple[int, bool]:
            before = self._runtime.now() - KEPT[task]
            if await expired_rows.delete_children(task, before, limit):
                return 0, True
            gone = await expired_rows.delete(task, before, limit)
            return gone, gone == limit

        return await self._runtime.transactions.run(write)


class _DueUsers:
    """The users who are due for a task, in all portals whose setting for the task is `policy`.

    Each call of `step` changes the next users, in order of portal.
    """

    def __init__(self, tasks: TaskRunner, task: Task, policy: int) -> None:
        self._tasks = tasks
        self._task = task
        self._policy = policy
        self._behind: Due | None = None

    async def step(self, limit: int) -> tuple[int, bool]:
        batch = await self._tasks.due(self._task, self._policy, self._behind, limit)
        done = 0
        for portal_id, group in groupby(batch, key=lambda due: due.portal_id):
            found = list(group)
            done += await self._tasks.change_in_portal(self._task, portal_id, [due.id for due in found])
            self._behind = found[-1]
        return done, bool(batch)


def _spared(task: Task, due: DueInPortal, suspended: Counter[UUID]) -> bool:
    """Return whether the task spares one of the due users, because the user is the portal's last enabled admin.

    Only SUSPEND_IDLE and WARN_IDLE spare this admin. For SUSPEND_IDLE, the call also adds the number of suspended
    admins to `suspended[due.portal_id]`.
    """
    if task is Task.SUSPEND_IDLE:
        is_spared = spares_last_admin(due.admins, due.enabled_admins)
        suspended[due.portal_id] += due.admins - is_spared
        return is_spared
    return task is Task.WARN_IDLE and due.admins > 0 and due.enabled_admins - suspended[due.portal_id] <= 1
