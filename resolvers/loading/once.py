"""Share the result of a read between several fields."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """A read that runs at the first call. Later calls return the same result, or raise the same exception."""

    __slots__ = ("_answer", "_read")

    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read
        self._answer: asyncio.Future[T] | None = None

    async def __call__(self) -> T:
        if self._answer is None:
            self._answer = asyncio.ensure_future(self._read())
        return await self._answer
