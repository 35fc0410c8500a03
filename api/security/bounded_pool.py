"""A thread pool with a bounded queue. Callers share the places of the queue fairly."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from rules.refusals import Code, Refusal

RETRY_AFTER = timedelta(seconds=2)
"""The time after which a refused caller may try again. A full queue is empty by then."""

ALL: Hashable = None
"""The key of the claim that every call makes, so that the claim counts all calls."""

Answer = TypeVar("Answer")


class Claim(NamedTuple):
    """A claim of a call to a place. At most `most` calls hold a place under one `key` at the same time."""

    key: Hashable
    most: int


class BoundedPool:
    """Runs functions in `threads` threads. A call holds its places in the queue until the function has ended."""

    def __init__(self, name: str, *, threads: int, now: Callable[[], datetime], refusal: str) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._now = now
        self._refusal = refusal
        self._lock = threading.Lock()
        self._taken: Counter[Hashable] = Counter()

    async def run(self, work: Callable[[], Answer], claims: Sequence[Claim]) -> Answer:
        """Run `work` in a thread and return its result.

        Raise Refusal(RATE_LIMITED) with `retry_at` if no place is free for one of the claims.
        """
        keys = [claim.key for claim in claims]
        with self._lock:
            if any(self._taken[claim.key] >= claim.most for claim in claims):
                self._drop_empty(keys)
                raise Refusal(Code.RATE_LIMITED, self._refusal, retry_at=self._now() + RETRY_AFTER)
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
        """Finish the queued calls and accept no more. The call blocks until they are done."""
        self._threads.shutdown(wait=True)

    def _release(self, keys: Sequence[Hashable]) -> None:
        with self._lock:
            self._taken.subtract(keys)
            self._drop_empty(keys)

    def _drop_empty(self, keys: Sequence[Hashable]) -> None:
        for key in keys:
            if self._taken[key] <= 0:
                del self._taken[key]
