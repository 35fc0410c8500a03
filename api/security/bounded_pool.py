"""A thread pool with a bounded queue.

A limit for each key, such as the network of a caller, keeps one caller from filling the queue.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from rules.messages.rate_limits import RateLimitMessage
from rules.refusals import Refusal

RETRY_AFTER = timedelta(seconds=2)
"""The time from a refusal to its `retry_at`. A full queue is empty after this time."""

ALL: Hashable = None
"""The key that all calls have in common. A `Claim` with this key limits the total number of calls."""

Answer = TypeVar("Answer")


class Claim(NamedTuple):
    """A limit on the calls with the same `key`, such as the network of the caller.

    At most `most` calls with this key are queued or running at once.
    """

    key: Hashable
    most: int


class BoundedPool:
    """Runs functions in `threads` threads, and limits the calls for each key (`Claim`).

    A call counts towards the limits until its function has ended, even if the caller is cancelled earlier. `busy` is
    the message of a refusal. `name` is the prefix of the threads' names.
    """

    def __init__(self, name: str, *, threads: int, now: Callable[[], datetime], busy: RateLimitMessage) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._now = now
        self._busy = busy
        self._lock = threading.Lock()
        self._taken: Counter[Hashable] = Counter()

    async def run(self, work: Callable[[], Answer], claims: Sequence[Claim]) -> Answer:
        """Run `work` in a thread and return its result.

        Raise Refusal(RATE_LIMITED) with `retry_at` if one of `claims` does not allow another call.
        """
        keys = [claim.key for claim in claims]
        with self._lock:
            if any(self._taken[claim.key] >= claim.most for claim in claims):
                self._drop_empty(keys)
                raise Refusal(self._busy, retry_at=self._now() + RETRY_AFTER)
            self._taken.update(keys)
        try:
            future = self._threads.submit(work)
        except BaseException:
            self._release(keys)
            raise
        # The end of the work frees the places, not the end of the caller: after a cancellation the thread is still busy.
        future.add_done_callback(lambda _: self._release(keys))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Accept no more calls, and block until the queued and running functions have ended."""
        self._threads.shutdown(wait=True)

    def _release(self, keys: Sequence[Hashable]) -> None:
        with self._lock:
            self._taken.subtract(keys)
            self._drop_empty(keys)

    def _drop_empty(self, keys: Sequence[Hashable]) -> None:
        for key in keys:
            if self._taken[key] <= 0:
                del self._taken[key]
