"""Run resolvers up to their first wait, without an asyncio task for each of them."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Coroutine, Generator
from typing import Any


class StartedResolver:
    """A resolver that `started` has run up to its first wait. Awaiting this object returns the resolver's result.

    If the resolver waits for a future that is already done, it continues without a turn of the event loop. A resolver
    can wait for futures only, and not for `asyncio.sleep(0)`.
    """

    __slots__ = ("_coroutine", "_future")

    def __init__(self, coroutine: Coroutine[Any, Any, Any], future: Future[Any]) -> None:
        self._coroutine = coroutine
        self._future = future

    def __await__(self) -> Generator[Any, Any, Any]:
        future = self._future
        try:
            while True:
                if not future.done():
                    future._asyncio_future_blocking = True  # a task expects this of what it is to wait for
                    try:
                        yield future
                    except BaseException as raised:  # the request is cancelled, and the resolver with it
                        future = _unmarked(self._coroutine.throw(raised))
                        continue
                future = _unmarked(self._coroutine.send(None))
        except StopIteration as ended:
            return ended.value

    def close(self) -> None:
        """Close the resolver without waiting for its result."""
        self._coroutine.close()


def started(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a resolver up to its first wait. Return a StartedResolver, or the result if there was no wait."""
    try:
        return StartedResolver(coroutine, _unmarked(coroutine.send(None)))
    except StopIteration as ended:
        return ended.value


def _unmarked(future: Future[Any]) -> Future[Any]:
    """Remove the mark that `await` has set on a future, so that another coroutine can await it. Return the future."""
    future._asyncio_future_blocking = False
    return future
