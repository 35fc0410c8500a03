"""Database transactions. A transaction continues if its caller is cancelled, and is retried after a deadlock.

Before a transaction commits, the audit events that were recorded in it are added to their chains.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from tortoise.transactions import in_transaction

from models import audit
from models.audit_chain import appending
from models.db.database_errors import transient
from rules.refusals import Code, Refusal

T = TypeVar("T")

FIRST_PAUSE = 0.0125
LONGEST_PAUSE = 0.2

_inside: ContextVar[bool] = ContextVar("inside a transaction", default=False)

log = structlog.get_logger(__name__)


class Transactions:
    """The running transactions of one process.

    - `jitter`: returns a random number from 0 to 1, which varies the pause before a retry after a deadlock.
    - `secret`: returns the given number of random bytes, for the salts of audit events.
    - `attempts`: the maximum number of tries of one transaction.
    """

    def __init__(self, *, jitter: Callable[[], float], secret: Callable[[int], bytes], attempts: int = 5) -> None:
        self._jitter = jitter
        self._secret = secret
        self._attempts = attempts
        self._running: set[asyncio.Task[Any]] = set()
        self._draining = False

    async def run(self, body: Callable[[], Awaitable[T]]) -> T:
        """Await `body` inside a transaction, and return the result of `body`.

        After a deadlock or a serialization failure, the transaction rolls back and `body` is called again. `body` must
        therefore read all rows that its decisions need. A call that is cancelled still runs `body` to its end and
        commits.

        - Raise any exception of `body`, after a rollback.
        - Raise Refusal(UNAVAILABLE) after `drain` was called.
        - Raise RuntimeError if the caller is inside a transaction already.
        """
        task = self._begin(body)
        try:
            # A transaction that is cancelled half-way can stay open and keep its connection and its locks.
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                raise Refusal(Code.UNAVAILABLE) from None  # by drain()
            task.add_done_callback(_report)
            raise

    def run_later(self, body: Callable[[], Awaitable[object]]) -> None:
        """Start `body` in a transaction, and return before the transaction ends.

        Neither the response nor the response time reveals what `body` did. Exceptions of `body` are logged.
        `wait_until_idle` and `drain` wait for the transaction. Raise Refusal(UNAVAILABLE) after `drain` was called.
        """
        self._begin(body).add_done_callback(_report)

    def start_task(self, doing: Callable[[], Awaitable[object]]) -> None:
        """Start `doing` outside any transaction, and return before `doing` ends. `doing` can run transactions.

        Exceptions of `doing` are logged. `wait_until_idle` and `drain` wait for `doing`. After `drain` was called, the
        method does nothing.
        """
        if self._draining:
            return

        async def done() -> None:
            await doing()

        self._track(asyncio.create_task(done())).add_done_callback(_report)

    async def wait_until_idle(self) -> None:
        """Wait until no transaction and no task of `start_task` is running."""
        while self._running:
            await asyncio.wait(set(self._running))

    def _begin(self, body: Callable[[], Awaitable[T]]) -> asyncio.Task[T]:
        if _inside.get():
            raise RuntimeError("Already inside a transaction: call the function that needs one, not run()")
        if self._draining:
            raise Refusal(Code.UNAVAILABLE)
        return self._track(asyncio.create_task(self._attempts_at(body)))

    def _track(self, task: asyncio.Task[T]) -> asyncio.Task[T]:
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def drain(self, grace: timedelta) -> None:
        """Refuse new transactions, and wait until all transactions and all tasks of `start_task` have ended.

        After the duration `grace`, transactions and tasks that still run are cancelled. Such a transaction rolls back.
        """
        self._draining = True
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=grace.total_seconds())
        if late:
            log.warning("transaction.rolled_back", count=len(late))
            for task in late:
                task.cancel()
            await asyncio.wait(late)

    async def _attempts_at(self, body: Callable[[], Awaitable[T]]) -> T:
        _inside.set(True)  # a task has its own context: the caller's value does not change
        for pause in self._pauses():
            try:
                return await self._attempt(body)
            except Exception as error:
                if not transient(error):
                    raise
                log.info("transaction.retried", reason=type(error).__name__)
            await asyncio.sleep(pause)
        return await self._attempt(body)

    async def _attempt(self, body: Callable[[], Awaitable[T]]) -> T:
        async with in_transaction():
            with audit.collected() as events:
                result = await body()
            await appending.append(events, self._secret)
            return result

    def _pauses(self) -> Iterator[float]:
        for again in range(self._attempts - 1):
            yield min(FIRST_PAUSE * 2**again, LONGEST_PAUSE) * (1 + self._jitter()) / 2


def _report(task: asyncio.Task[Any]) -> None:
    """Log the exception of the task, if the task has failed. Requires a task that is done and that no caller awaits."""
    if task.cancelled():
        log.warning("transaction.abandoned_cancelled")
    elif isinstance(error := task.exception(), Refusal):
        log.info("transaction.abandoned_refused", code=error.code)
    elif error:
        log.error("transaction.abandoned_failed", exc_info=error)
